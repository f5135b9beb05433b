//! Every feature version behind one door, for research.
//!
//! **Invariant: production does not depend on this crate.** A production binary names the one version it trades
//! on, exactly; a registry would put every version, drafts among them, into it. `cargo xtask check` sees to that.
//!
//! ```
//! let version = feature_registry::find("v1").unwrap();
//! let set = version.open("core", &[])?;
//! assert_eq!(set.schema().width(), 19);
//! assert!(feature_registry::find("v99").is_none());
//! # Ok::<(), feature_api::SetError>(())
//! ```

pub mod bars;
pub mod compare;

use feature_api::FeatureVersion;

/// Every version, oldest first. `cargo xtask new-version` adds its line.
pub const VERSIONS: &[&FeatureVersion] = &[
    &features_v1::FEATURES,
    &features_v2::FEATURES,
    // new versions above
];

/// The newest version, a draft or not.
#[must_use]
pub fn newest() -> &'static FeatureVersion {
    VERSIONS.last().unwrap_or(&&features_v1::FEATURES)
}

/// The version of that name: its number (`1`), its short name (`v1`) or the name of its crate (`features-v1`).
#[must_use]
pub fn find(name: &str) -> Option<&'static FeatureVersion> {
    VERSIONS
        .iter()
        .find(|version| name == version.name || name == short(version) || name == number(version))
        .copied()
}

/// The short name of a version, such as `v1`.
#[must_use]
pub fn short(version: &FeatureVersion) -> &'static str {
    version.name.strip_prefix("features-").unwrap_or(version.name)
}

/// The number of a version, such as `1`.
#[must_use]
pub fn number(version: &FeatureVersion) -> &'static str {
    version.name.strip_prefix("features-v").unwrap_or(version.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_found_by_each_of_its_names_alone() {
        for version in VERSIONS {
            for name in [number(version), short(version), version.name] {
                assert!(find(name).is_some_and(|found| found.name == version.name), "{name}");
            }
        }
        for unknown in ["", "0", "v", "features-", "features-v", "V1", "1.0.0", "99"] {
            assert!(find(unknown).is_none(), "{unknown:?}");
        }
    }

    #[test]
    fn versions_stand_in_order_and_each_once() {
        let numbers: Vec<u32> = VERSIONS.iter().filter_map(|version| number(version).parse().ok()).collect();
        assert_eq!(numbers.len(), VERSIONS.len());
        assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{numbers:?}");
        assert_eq!(newest().name, VERSIONS[VERSIONS.len() - 1].name);
    }
}
