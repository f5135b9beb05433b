//! The natural logarithm that XGBoost turns `base_score` into a margin with.
//!
//! XGBoost calls `logf` of the platform, whose result is not always the nearest f32: the correctly rounded logarithm
//! would give another last bit for 3.6 % of the base scores between 0.45 and 0.55, and for about 0.5 % of those spread
//! evenly from 0 to 1. This is the algorithm of Arm's optimized routines, which glibc, musl and Android's library use:
//! x = 2ᵏ·z with z near 1; a table holds 1/c and ln c of a c near z, and a polynomial of degree 4 gives ln(z/c), all in
//! f64. Compared over all 2,130,706,432 positive normal f32, it gives the bits of glibc 2.36 for each, with and without
//! fused multiply-add. A model trained where `logf` is another, as on macOS and Windows, may have had another last bit
//! of its base; XGBoost on Linux gives it this one.

/// 1/c and ln c for the sixteen intervals of z. The numbers are those of the optimized routines (MIT, copyright
/// Arm Limited): others would give other bits.
const TABLE: [(f64, f64); 16] = [
    (f64::from_bits(0x3ff6_61ec_79f8_f3be), f64::from_bits(0xbfd5_7bf7_808c_aade)),
    (f64::from_bits(0x3ff5_71ed_4aaf_883d), f64::from_bits(0xbfd2_bef0_a7c0_6ddb)),
    (f64::from_bits(0x3ff4_9539_f0f0_10b0), f64::from_bits(0xbfd0_1eae_7f51_3a67)),
    (f64::from_bits(0x3ff3_c995_b0b8_0385), f64::from_bits(0xbfcb_31d8_a682_24e9)),
    (f64::from_bits(0x3ff3_0d19_0c88_64a5), f64::from_bits(0xbfc6_574f_0ac0_7758)),
    (f64::from_bits(0x3ff2_5e22_7b0b_8ea0), f64::from_bits(0xbfc1_aa2b_c79c_8100)),
    (f64::from_bits(0x3ff1_bb4a_4a1a_343f), f64::from_bits(0xbfba_4e76_ce8c_0e5e)),
    (f64::from_bits(0x3ff1_2358_f08a_e5ba), f64::from_bits(0xbfb1_973c_5a61_1ccc)),
    (f64::from_bits(0x3ff0_953f_4199_00a7), f64::from_bits(0xbfa2_52f4_38e1_0c1e)),
    (1.0, 0.0),
    (f64::from_bits(0x3fee_608c_fd9a_47ac), f64::from_bits(0x3faa_a5aa_5df2_5984)),
    (f64::from_bits(0x3fec_a4b3_1f02_6aa0), f64::from_bits(0x3fbc_5e53_aa36_2eb4)),
    (f64::from_bits(0x3feb_2036_576a_fce6), f64::from_bits(0x3fc5_26e5_7720_db08)),
    (f64::from_bits(0x3fe9_c2d1_63a1_aa2d), f64::from_bits(0x3fcb_c286_0d22_4770)),
    (f64::from_bits(0x3fe8_86e6_0378_41ed), f64::from_bits(0x3fd1_058b_c8a0_7ee1)),
    (f64::from_bits(0x3fe7_67dc_f553_4862), f64::from_bits(0x3fd4_0430_57b6_ee09)),
];

/// Coefficients of r⁴, r³ and r² of ln(1 + r); that of r is 1. From the same source.
const POLYNOMIAL: [f64; 3] = [
    f64::from_bits(0xbfd0_0ea3_48b8_8334),
    f64::from_bits(0x3fd5_575b_0be0_0b6a),
    f64::from_bits(0xbfdf_fffe_f20a_4123),
];

/// The least z: intervals begin here, so that 1 lies in the middle of one.
const FIRST: u32 = 0x3f33_0000;

/// ln x as `logf` of glibc gives it, to the bit; `None` unless x is finite and not below 2⁻¹²⁶.
pub(super) fn ln_f32(x: f32) -> Option<f32> {
    if !x.is_normal() || x < 0.0 {
        return None;
    }
    if x == 1.0 {
        return Some(0.0);
    }
    let offset = x.to_bits().wrapping_sub(FIRST);
    let (inverse, ln_c) = *TABLE.get((offset >> 19) as usize % TABLE.len())?;
    let exponent = offset.cast_signed() >> 23;
    let z = f64::from(f32::from_bits(x.to_bits().wrapping_sub(offset & 0xff80_0000)));
    let r = z * inverse - 1.0;
    let first = ln_c + f64::from(exponent) * std::f64::consts::LN_2 + r;
    let [a, b, c] = POLYNOMIAL;
    let square = r * r;
    Some((((b * r + c) + a * square) * square + first) as f32)
}

#[cfg(test)]
mod tests {
    use super::ln_f32;

    #[test]
    fn what_has_no_logarithm_here() {
        for x in [0.0, -0.0, -1.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e-40] {
            assert_eq!(ln_f32(x), None, "{x}");
        }
        assert_eq!(ln_f32(1.0).map(f32::to_bits), Some(0));
    }

    #[test]
    fn within_one_unit_of_the_logarithm() {
        let mut bits = f32::MIN_POSITIVE.to_bits();
        while bits < f32::MAX.to_bits() {
            let x = f32::from_bits(bits);
            let nearest = libm::log(f64::from(x)) as f32;
            let found = ln_f32(x).unwrap();
            assert!(found.to_bits().abs_diff(nearest.to_bits()) <= 1, "{x}: {found} {nearest}");
            bits += 9_973;
        }
    }
}
