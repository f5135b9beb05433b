use super::*;

// RFC 8032, section 7.1, test 1.
const SECRET: &str = "isobar ed25519 secret 9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
const PUBLIC: &str = "isobar ed25519 public d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

#[test]
fn the_key_of_the_standard_reads_and_writes() {
    let secret: SecretKey = SECRET.parse().unwrap();
    assert_eq!(secret.public().to_string(), PUBLIC);
    assert_eq!(*secret.to_text(), SECRET);
    assert_eq!(PUBLIC.parse::<PublicKey>().unwrap(), secret.public());
    assert_eq!(format!("{PUBLIC}\n").parse::<PublicKey>().unwrap(), secret.public());
}

#[test]
fn a_secret_is_never_shown() {
    let secret: SecretKey = SECRET.parse().unwrap();
    let shown = format!("{secret:?}");
    assert!(shown.contains(PUBLIC) && !shown.contains("9d61b1"), "{shown}");
    // A secret key where a public one is expected, and every damaged secret.
    let long = format!("{SECRET}0");
    for text in [SECRET, &SECRET.to_uppercase(), &SECRET[1..], &long, &SECRET.replace("secret", "sekret")] {
        let error = text.parse::<PublicKey>().map(|_| ()).unwrap_err();
        assert!(!format!("{error} {error:?}").to_lowercase().contains("9d61b1"), "{error:?}");
    }
}

#[test]
fn what_is_no_line_of_a_key_is_refused() {
    for (text, found) in [
        (String::new(), "a line that begins otherwise"),
        (SECRET.to_owned(), "a secret key"),
        (PUBLIC.replace("public", "x"), "a key of another kind"),
        (format!("{PUBLIC}\r\n"), "several lines, or another line ending than LF"),
        (format!("{PUBLIC}\n\n"), "several lines, or another line ending than LF"),
        (format!(" {PUBLIC}"), "a line that begins otherwise"),
        (format!("{PUBLIC} "), "further words after the key"),
        (format!("{PUBLIC}0"), "65 digits"),
        (PUBLIC.replace("isobar ", "isobar  "), "a line that begins otherwise"),
        (PUBLIC.replace("d75a", "D75A"), "digits that are not lower-case hexadecimal"),
        (PUBLIC.replace("d75a", "+75a"), "digits that are not lower-case hexadecimal"),
        (PUBLIC.replace("d75a98", "äöü"), "digits that are not lower-case hexadecimal"),
        ("isobar ed25519 public".to_owned(), "0 digits"),
    ] {
        let expected = KeyError::Text { expected: "public", found: found.to_owned() };
        assert_eq!(text.parse::<PublicKey>(), Err(expected), "{text:?}");
    }
}

#[test]
fn points_that_are_no_keys_are_refused() {
    let line = |hex: &str| format!("isobar ed25519 public {hex}").parse::<PublicKey>();
    // y = 2: on no point of the curve.
    assert_eq!(line(&format!("02{}", "00".repeat(31))), Err(KeyError::NotAPoint));
    // The neutral element, the point of order 2, both of order 4.
    for weak in [
        format!("01{}", "00".repeat(31)),
        format!("ec{}7f", "ff".repeat(30)),
        "00".repeat(32),
        format!("{}80", "00".repeat(31)),
    ] {
        assert_eq!(line(&weak), Err(KeyError::Weak), "{weak}");
    }
    // y = p + 3 stands for y = 3: a second encoding of one point.
    let canonical = line(&format!("03{}", "00".repeat(31))).unwrap();
    assert_eq!(canonical.to_bytes()[0], 3);
    assert_eq!(line(&format!("f0{}7f", "ff".repeat(30))), Err(KeyError::NotAPoint));
}

#[test]
fn a_signature_holds_for_its_hash_and_its_key_alone() {
    let (one, two) = (SecretKey::generate().unwrap(), SecretKey::generate().unwrap());
    assert_ne!(one.public(), two.public());
    let hash = feature_api::identity::sha256(b"content");
    let signature = one.sign(hash);
    assert!(one.public().verifies(hash, &signature));
    assert!(!two.public().verifies(hash, &signature));
    assert!(!one.public().verifies(feature_api::identity::sha256(b"other"), &signature));
    for bit in 0..512 {
        let mut damaged = signature;
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert!(!one.public().verifies(hash, &damaged), "bit {bit}");
    }
}

#[test]
fn a_file_is_written_once_and_for_its_owner() {
    let folder = std::env::temp_dir().join(format!("isobar-keys-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let (secret_file, public_file) = (folder.join("secret"), folder.join("public"));
    let secret: SecretKey = SECRET.parse().unwrap();
    secret.write_new(&secret_file).unwrap();
    secret.public().write_new(&public_file).unwrap();
    assert!(matches!(secret.write_new(&secret_file), Err(KeyError::File { .. })));
    assert_eq!(SecretKey::read(&secret_file).unwrap().public(), secret.public());
    assert_eq!(PublicKey::read(&public_file), Ok(secret.public()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&secret_file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    fs::remove_dir_all(&folder).unwrap();
    assert!(matches!(PublicKey::read(&public_file), Err(KeyError::File { .. })));
}
