//! What of a feature version's `Cargo.toml` decides a value.

/// The facts of a manifest that decide values. Understands what a feature version's manifest is made of,
/// as written by hand and as `cargo package` rewrites it: tables of `key = value` lines.
pub(super) fn project(text: &str) -> Result<String, String> {
    let mut facts = Vec::new();
    let mut table = String::new();
    let mut in_list = false;
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with('[') && !in_list {
            table = line.trim_matches(['[', ']']).replace('"', "");
            check_table(&table)?;
        }
        let was_in_list = in_list;
        in_list = check_line(line, was_in_list)?;
        if was_in_list || line.starts_with('[') {
            continue;
        }
        let Some((key, value)) = line.split_once('=') else { continue };
        if table.is_empty() {
            return Err(format!("{line:?} stands before the first [table]; expected [package] first"));
        }
        let (key, value) = (key.trim(), value.trim().trim_matches('"'));
        let wanted = match table.as_str() {
            "package" if key == "build" && value != "build.rs" => {
                return Err(format!("[package] build = {value:?}; expected \"build.rs\""));
            }
            "lib" if key == "path" && value != "src/lib.rs" => {
                return Err(format!("[lib] path = {value:?}; expected \"src/lib.rs\""));
            }
            "package" if key == "version" && !is_version(value) => {
                return Err(format!("[package] version = {value:?}; expected x.y.z, with -PRE for a draft"));
            }
            "package" => ["name", "version", "edition"].contains(&key),
            "package.metadata.isobar.checksums" => true,
            table if table.starts_with("dependencies.") || table.starts_with("build-dependencies.") => {
                match key {
                    "version" if !value.starts_with('=') => {
                        return Err(format!(
                            "[{table}] requires {value:?}; expected an exact version, \"=x.y.z\""
                        ));
                    }
                    "version" | "default-features" | "package" => true,
                    "optional" => return Err(format!("[{table}] is optional; a version has no options")),
                    // A packaged crate has none; where the contract lies decides no value.
                    "path" if table.ends_with(".feature-api") && value == "../crates/feature-api" => false,
                    _ => {
                        return Err(format!(
                            "[{table}] has {line:?}; expected a version of crates.io and no more"
                        ));
                    }
                }
            }
            _ => false,
        };
        if wanted {
            check_value(line)?;
            facts.push(format!("{table}.{key} = {value}\n"));
        }
    }
    for needed in ["package.name", "package.version", "package.edition"] {
        if !facts.iter().any(|fact| fact.starts_with(&format!("{needed} = "))) {
            return Err(format!("{needed} is missing; write it out, not by `workspace = true`"));
        }
    }
    facts.sort();
    Ok(facts.concat())
}

/// Refuses what TOML allows and a reader by lines would take for something else: text over several lines, a quoted
/// key, a table's name with spaces or a comment behind it. Gives whether a list is open behind this line.
fn check_line(line: &str, in_list: bool) -> Result<bool, String> {
    let plain =
        |text: &str| text.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter));
    let understood = if in_list {
        let item = line.strip_suffix(',').unwrap_or(line);
        let text = item.strip_prefix('"').and_then(|item| item.strip_suffix('"'));
        line == "]" || text.is_some_and(|text| !text.contains('"'))
    } else if let Some(header) = line.strip_prefix('[') {
        let header = header.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')).unwrap_or(header);
        header.strip_suffix(']').is_some_and(|name| plain(&name.replace('"', "")))
    } else {
        let several_lines = line.contains("\"\"\"") || line.contains("'''");
        line.split_once('=').is_some_and(|(key, _)| plain(key.trim())) && !several_lines
    };
    if !understood {
        return Err(format!("{line:?} is not understood; write [table] and key = value plainly"));
    }
    let opens = |value: &str| value.trim().starts_with('[') && !value.ends_with(']');
    Ok(if in_list { line != "]" } else { line.split_once('=').is_some_and(|(_, value)| opens(value)) })
}

/// Refuses a value that is neither a bare word nor one whole text: cargo would not read it, a reader by lines might.
fn check_value(line: &str) -> Result<(), String> {
    let value = line.split_once('=').map_or("", |(_, value)| value.trim());
    let text = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
    if text.contains('"') {
        Err(format!("{line:?} is not understood; write key = \"value\""))
    } else {
        Ok(())
    }
}

/// Whether a text is `x.y.z` or `x.y.z-PRE`: what follows `+` would be a version nobody can pin.
fn is_version(text: &str) -> bool {
    let (numbers, pre) = text.split_once('-').map_or((text, None), |(numbers, pre)| (numbers, Some(pre)));
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let name = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    numbers.split('.').count() == 3
        && numbers.split('.').all(number)
        && pre.is_none_or(|pre| pre.split('.').all(name))
}

fn check_table(table: &str) -> Result<(), String> {
    match table.split('.').next().unwrap_or_default() {
        "features" => Err("a feature version has no cargo features: [features] must go".to_owned()),
        "target" => Err("a feature version has no target-specific parts: [target] must go".to_owned()),
        "patch" | "replace" => Err(format!("[{table}] must go")),
        _ if table == "dependencies" || table == "build-dependencies" => {
            Err(format!("write each dependency as a table of its own: [{table}.NAME]"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BY_HAND: &str = "[package]\nname = \"features-v9\"\nversion = \"9.0.0\"\nedition = \"2024\"\ndescription = \"x\"\n\n[dependencies.libm]\nversion = \"=0.2.16\"\ndefault-features = false\n\n[dependencies.feature-api]\npath = \"../crates/feature-api\"\nversion = \"=1.0.0\"\n\n[dev-dependencies]\nproptest = \"1\"\n";
    const PACKAGED: &str = "# rewritten\n[package]\nedition = \"2024\"\nname = \"features-v9\"\nversion = \"9.0.0\"\nbuild = \"build.rs\"\n\n[lib]\nname = \"features_v9\"\n\n[dependencies.feature-api]\nversion = \"=1.0.0\"\n\n[dependencies.libm]\nversion = \"=0.2.16\"\ndefault-features = false\n";

    #[test]
    fn the_packaged_manifest_says_the_same() {
        assert_eq!(project(BY_HAND), project(PACKAGED));
        assert_eq!(project(BY_HAND), project(&BY_HAND.replace('\n', "\r\n")));
    }

    #[test]
    fn what_decides_values_is_seen() {
        for (from, to) in [
            ("9.0.0", "9.0.1"),
            ("2024", "2021"),
            ("=0.2.16", "=0.2.15"),
            ("default-features = false", "default-features = true"),
            ("=1.0.0", "=1.0.1"),
        ] {
            assert_ne!(project(BY_HAND), project(&BY_HAND.replace(from, to)), "{from}");
        }
    }

    #[test]
    fn a_list_over_several_lines_is_passed_over() {
        let list = "authors = [\n    \"a\",\n    # one more\n    \"version = 9\",\n]";
        assert_eq!(project(&BY_HAND.replace("description = \"x\"", list)), project(BY_HAND));
    }

    #[test]
    fn a_manifest_with_ways_out_is_refused() {
        for (change, expected) in [
            (BY_HAND.replace("=0.2.16", "0.2.16"), "expected an exact version"),
            (format!("{BY_HAND}\n[features]\nfast = []\n"), "no cargo features"),
            (format!("{BY_HAND}\n[target.'cfg(unix)'.dependencies]\n"), "no target-specific parts"),
            (format!("{BY_HAND}\n[dependencies]\nrand = \"=1.0.0\"\n"), "a table of its own"),
            (BY_HAND.replace("edition = \"2024\"", "edition.workspace = true"), "package.edition is missing"),
            (BY_HAND.replace("default-features = false", "optional = true"), "no options"),
            (BY_HAND.replace("description = \"x\"", "build = \"../b.rs\""), "expected \"build.rs\""),
            (format!("dependencies.rand = \"1\"\n{BY_HAND}"), "before the first [table]"),
            (
                BY_HAND.replace("default-features = false", "path = \"../libm\""),
                "a version of crates.io and no more",
            ),
            (
                BY_HAND.replace("default-features = false", "git = \"https://a.b/libm\""),
                "a version of crates.io",
            ),
            (BY_HAND.replace("default-features = false", "features = [\"x\"]"), "a version of crates.io"),
            (BY_HAND.replace("version = \"=0.2.16\"", "workspace = true"), "a version of crates.io"),
            (BY_HAND.replace("../crates/feature-api", "../other/feature-api"), "a version of crates.io"),
            (BY_HAND.replace("9.0.0", "9.0.0-"), "expected x.y.z"),
            (BY_HAND.replace("9.0.0", "9.0.0+a-b"), "expected x.y.z"),
            (BY_HAND.replace("9.0.0", "9.0"), "expected x.y.z"),
            (BY_HAND.replace("\"9.0.0\"", "9.0.0\""), "not understood"),
            (BY_HAND.replace("\"9.0.0\"", "\"9.0.0\" # draft"), "expected x.y.z"),
            (format!("{BY_HAND}\n[features] # none\nfast = []\n"), "not understood"),
            (format!("{BY_HAND}\n[ features ]\nfast = []\n"), "not understood"),
            (format!("{BY_HAND}\n['features']\nfast = []\n"), "not understood"),
            (BY_HAND.replace("default-features = false", "\"features\" = [\"x\"]"), "not understood"),
            (
                BY_HAND.replace("description = \"x\"", "a = \"\"\"\n[bench]\n\"\"\"\nbuild = \"b.rs\""),
                "not understood",
            ),
            (
                BY_HAND.replace("description = \"x\"", "a = [\n[\"bench\"]\n]\nbuild = \"b.rs\""),
                "not understood",
            ),
            (BY_HAND.replace("description = \"x\"", "a = [\n\"x\"]\n\"build\" = \"b.rs\""), "not understood"),
            (format!("{BY_HAND}\n[lib]\npath = \"../lib.rs\"\n"), "expected \"src/lib.rs\""),
        ] {
            let error = project(&change).err().unwrap_or_default();
            assert!(error.contains(expected), "{error:?} should say {expected:?}");
        }
    }
}
