//! Bytes that were changed are refused, whatever was changed and whatever was made right again.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use artifact::{Check, Problem, Trust, inspect, verify};
use support::samples::{KINDS, LOADERS, check, key, sealed};
use support::wire::{self, Forged, SECRET, Section};

fn codes(bytes: &[u8], check: &Check<'_>) -> Vec<&'static str> {
    verify(bytes, check).map_or_else(|problems| problems.iter().map(Problem::code).collect(), |_| vec![])
}

#[test]
fn every_single_bit() {
    for kind in ["linear", "signed"] {
        let whole = sealed(kind);
        let mut bytes = whole.clone();
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            let codes = codes(&bytes, &check());
            assert!(!codes.is_empty(), "{kind}: bit {bit}");
            assert!(inspect(&bytes, LOADERS).is_err(), "{kind}: bit {bit}");
            let expected = match bit / 8 {
                0..8 => "magic",
                12..16 if bit == 96 => "length",
                12..16 => "signed-flag",
                16..32 if codes[0] == "too-large" => "too-large",
                16..32 => "length",
                at if at >= whole.len() - 64 && kind == "signed" => "signature",
                _ => "checksum",
            };
            assert_eq!(codes[0], expected, "{kind}: bit {bit}");
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        assert_eq!(bytes, whole);
    }
}

#[test]
fn every_length_but_one() {
    for kind in ["linear", "signed"] {
        let whole = sealed(kind);
        for length in 0..whole.len() {
            let first = codes(&whole[..length], &check())[0];
            assert_eq!(first, if length < 8 { "magic" } else { "length" }, "{kind}: {length}");
        }
        for more in [&[0][..], &[0; 64], &whole] {
            assert_eq!(codes(&[&whole, more].concat(), &check()), ["length", "unchecked"]);
        }
        assert!(verify(&whole, &check()).is_ok());
    }
}

/// Every byte of a signed artifact, with the sha256 made right: the signature does not hold.
#[test]
fn every_byte_with_the_checksum_made_right() {
    let whole = sealed("signed");
    let (header, body) = wire::inside(&whole);
    let keys = [key().public()];
    for at in 0..header.len() + body.len() {
        let mut inside = [header, body].concat();
        inside[at] ^= 1 << (at % 8);
        let (header, body) = inside.split_at(header.len());
        let mut bytes = wire::close(1, header, body, Some(SECRET));
        let signature = bytes.len() - 64;
        bytes[signature..].copy_from_slice(&whole[whole.len() - 64..]);
        let trust = Trust::Keys(&keys);
        assert_eq!(codes(&bytes, &Check { trust, ..check() })[0], "signature", "byte {at}");
    }
}

/// Every byte of the sections of unsigned artifacts, with every hash made right: refused, or an artifact that is whole
/// and that writes itself as it was read. Nothing panics.
#[test]
fn every_byte_with_every_hash_made_right() {
    let (mut refused, mut taken) = (0, 0);
    for kind in KINDS {
        let forged = Forged::read(&sealed(kind));
        let sections = forged.sections();
        for (index, (_, section)) in sections.iter().enumerate() {
            for at in 0..section.len() {
                for mask in [1 << (at % 8), 0xff] {
                    let mut sections = sections.clone();
                    sections[index].1[at] ^= mask;
                    let bytes = forged.with_sections(&sections, None);
                    match verify(&bytes, &check()) {
                        Err(problems) => {
                            assert!(!problems.is_empty());
                            refused += 1;
                        }
                        Ok(verified) => {
                            assert_eq!(Forged::read(&bytes).sections(), sections);
                            let again = artifact::seal(verified.artifact(), check().version, LOADERS, None);
                            assert_eq!(again.unwrap(), bytes);
                            taken += 1;
                        }
                    }
                }
            }
        }
    }
    // What no probe sees, such as a quantile or a median, can only be seen by a signature.
    assert!(refused > taken && taken > 0, "{refused} refused, {taken} taken");
}

#[test]
fn sections_that_are_not_each_once_in_order() {
    let forged = Forged::read(&sealed("filters"));
    let sections = forged.sections();
    let mut orders: Vec<Vec<usize>> = Vec::new();
    for a in 0..5 {
        orders.push((0..5).filter(|index| *index != a).collect());
        orders.push((0..5).flat_map(|index| vec![index; if index == a { 2 } else { 1 }]).collect());
        for b in 0..a {
            let mut order: Vec<_> = (0..5).collect();
            order.swap(a, b);
            orders.push(order);
            orders.push((0..5).map(|index| if index == a { b } else { index }).collect());
        }
    }
    orders.extend([vec![], (0..5).chain(0..5).collect(), vec![0; 1000]]);
    for order in orders {
        let picked: Vec<_> = order.iter().map(|index| sections[*index].clone()).collect();
        let problems = verify(&forged.with_sections(&picked, None), &check()).map(|_| ()).unwrap_err();
        let Problem::Sections { expected, found } = &problems[0] else { panic!("{order:?}: {problems:?}") };
        assert_eq!(expected, "preprocess, model, filters, reference, probes");
        let names: Vec<_> = order.iter().take(10).map(|index| wire::SECTIONS[*index]).collect();
        assert!(found.starts_with(&names.join(", ")), "{found}");
        // The same contents under the kinds that should stand there.
        if order.len() == 5 {
            let renamed: Vec<_> = (1..).zip(picked).map(|(kind, (_, bytes))| (kind, bytes)).collect();
            assert!(!codes(&forged.with_sections(&renamed, None), &check()).is_empty(), "{order:?}");
        }
    }
    for kind in [0, 6, u32::MAX] {
        let mut other = sections.clone();
        other[2].0 = kind;
        assert_eq!(codes(&forged.with_sections(&other, None), &check())[0], "sections", "{kind}");
        other[2].0 = 3;
        other.push((kind, vec![]));
        assert_eq!(codes(&forged.with_sections(&other, None), &check())[0], "sections", "{kind}");
    }
}

#[test]
fn a_table_that_does_not_describe_the_body() {
    let forged = Forged::read(&sealed("linear"));
    let sections = forged.sections();
    let (table, body) =
        (wire::table(&sections), sections.iter().flat_map(|(_, bytes)| bytes.clone()).collect());
    let changed = |change: &dyn Fn(&mut Vec<Section>, &mut Vec<u8>)| {
        let (mut table, mut body): (_, Vec<u8>) = (table.clone(), Vec::clone(&body));
        change(&mut table, &mut body);
        codes(&forged.with_table(table, &body, None), &check())
    };
    assert_eq!(changed(&|_, _| {}), [""; 0]);
    assert_eq!(changed(&|table, _| table[1].hash[31] ^= 1), ["section-hash", "unchecked"]);
    assert_eq!(changed(&|table, _| table[4].length += 1)[0], "section-length");
    assert_eq!(changed(&|table, _| table[4].length = 1 << 60)[0], "section-length");
    assert_eq!(
        changed(&|table, _| table.iter_mut().for_each(|one| one.length = u64::MAX))[0],
        "section-length"
    );
    assert_eq!(changed(&|_, body| body.push(0))[0], "section-length");
    assert_eq!(changed(&|_, body| _ = body.pop())[0], "section-length");
    // As long in all, cut elsewhere: both contents are others.
    let cut =
        changed(&|table, _| (table[0].length, table[1].length) = (table[0].length - 1, table[1].length + 1));
    assert_eq!(cut, ["section-hash", "section-hash", "unchecked"]);
    let swapped = changed(&|table, _| {
        // The sum overflows 64 bits back to what the body has.
        let all = table[0].length + table[1].length;
        (table[0].length, table[1].length) = (u64::MAX, all.wrapping_add(1));
    });
    assert_eq!(swapped[0], "section-length");
}

#[test]
fn other_encodings_of_the_same() {
    // Bytes after the last value, in each section and in the header.
    let forged = Forged::read(&sealed("filters"));
    for index in 0..5 {
        let mut sections = forged.sections();
        sections[index].1.push(0);
        let problems = verify(&forged.with_sections(&sections, None), &check()).map(|_| ()).unwrap_err();
        let reason = "1 bytes are left over".to_owned();
        let expected = Problem::Decode { part: wire::SECTIONS[index], reason };
        assert!(problems.contains(&expected), "{problems:?}");
    }
    let whole = sealed("filters");
    let (header, body) = wire::inside(&whole);
    let bytes = wire::close(1, &[header, &[0]].concat(), body, None);
    assert_eq!(codes(&bytes, &check()), ["decode", "unchecked"]);

    // −0.0 where the model has one zero.
    let mut forged = Forged::read(&sealed("linear"));
    let wire::Model::Linear(linear) = &mut forged.model[0].model else { panic!("{:?}", forged.model) };
    linear.bias = -0.0;
    let problems = verify(&forged.write(None), &check()).map(|_| ()).unwrap_err();
    assert_eq!(problems[0], Problem::NotCanonical { part: "model" });

    // A signer's key without a signature.
    let mut bytes = sealed("signed");
    bytes[12] = 0;
    bytes.truncate(bytes.len() - 96);
    let hash = feature_api::identity::sha256(&bytes).0;
    bytes.extend(hash);
    assert_eq!(codes(&bytes, &check()), ["key-without-signature"]);
}

#[test]
fn a_signer_that_is_no_key() {
    // Small order: anybody can sign for it.
    let weak: [[u8; 32]; 3] = [[0; 32], [2; 32], {
        let mut one = [0; 32];
        one[0] = 1;
        one
    }];
    for key in weak {
        let mut bytes = sealed("signed");
        bytes[32..64].copy_from_slice(&key);
        let content = bytes.len() - 96;
        let hash = feature_api::identity::sha256(&bytes[..content]).0;
        bytes[content..content + 32].copy_from_slice(&hash);
        let first = codes(&bytes, &check())[0];
        assert!(["signer-key", "signature"].contains(&first), "{key:?}: {first}");
    }
}

#[test]
fn numbers_that_are_none() {
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for kind in ["ensemble", "trees-f32", "linear", "filters"] {
            let whole = Forged::read(&sealed(kind));
            let mut places = 0;
            loop {
                let mut forged = whole.clone();
                let Some(place) = floats(&mut forged).into_iter().nth(places) else { break };
                *place = number;
                assert!(!codes(&forged.write(None), &check()).is_empty(), "{kind}: place {places}");
                places += 1;
            }
            assert!(places > 90, "{kind}: {places}");
        }
    }
}

/// Every float there is.
fn floats(forged: &mut Forged) -> Vec<&mut f64> {
    let Forged { format: _, manifest, preprocess, model, filters, reference, probes } = forged;
    let mut floats: Vec<&mut f64> = manifest.metrics.iter_mut().map(|metric| &mut metric.2).collect();
    floats.extend(preprocess.nulls.iter_mut().filter_map(|nulls| match nulls {
        wire::Nulls::Median(median) => median.as_mut(),
        wire::Nulls::Refuse | wire::Nulls::Missing => None,
    }));
    let scales = preprocess.scaler.iter_mut().flat_map(|(_, scales)| scales);
    for (a, b) in preprocess.clip.iter_mut().flatten().chain(scales) {
        floats.extend([a, b]);
    }
    for member in model {
        floats.push(&mut member.weight);
        let link = match &mut member.model {
            wire::Model::Trees(trees) => {
                floats.push(&mut trees.base);
                for node in trees.trees.iter_mut().flatten() {
                    floats.push(match node {
                        wire::Node::Split { threshold, .. } => threshold,
                        wire::Node::Leaf(value) => value,
                    });
                }
                &mut trees.link
            }
            wire::Model::Linear(linear) => {
                floats.extend(&mut linear.weights);
                floats.push(&mut linear.bias);
                &mut linear.link
            }
            wire::Model::External(..) => continue,
        };
        match link {
            wire::Link::Identity => {}
            wire::Link::Logistic(steepness) => floats.push(steepness),
        }
    }
    floats.extend(filters.iter_mut().map(|filter| &mut filter.threshold));
    floats.extend(reference.iter_mut().flat_map(|reference| &mut reference.quantiles));
    for probe in probes {
        floats.extend(probe.rows.iter_mut().flatten().flatten());
        floats.extend(&mut probe.margins);
        floats.push(&mut probe.value);
    }
    floats
}

#[test]
fn texts_that_are_too_long() {
    let mut forged = Forged::read(&sealed("linear"));
    forged.manifest.label = "x".repeat(5000);
    assert_eq!(codes(&forged.write(None), &check()), ["decode", "unchecked"]);
    let mut forged = Forged::read(&sealed("linear"));
    forged.reference[0].feature = "x".repeat(4097);
    assert_eq!(codes(&forged.write(None), &check()), ["decode"]);
}

#[test]
fn a_header_that_is_too_long() {
    let mut forged = Forged::read(&sealed("linear"));
    forged.manifest.params = vec![(String::new(), 0); 100_000];
    let problems = verify(&forged.write(None), &check()).map(|_| ()).unwrap_err();
    let Problem::TooLarge { what, limit, found } = problems[0] else { panic!("{problems:?}") };
    assert_eq!((what, limit), ("the header", 1 << 20));
    assert!(found > 1_200_000);
}
