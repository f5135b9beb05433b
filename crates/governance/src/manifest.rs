//! Edits of manifests that keep comments, order and formatting.

mod lock;

use std::path::Path;

use semver::{Version, VersionReq};
use toml_edit::{Array, DocumentMut, Item, Table, TableLike, Value};

use crate::Error;

pub(crate) use lock::Lock;

/// A `Cargo.toml` being edited.
#[derive(Debug, Clone)]
pub struct Manifest {
    document: DocumentMut,
}

/// The tables of a package, or of one of its targets, that name dependencies.
const TABLES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// [`Error`] where it cannot be read or is no TOML.
    pub fn read(path: &Path) -> Result<Self, Error> {
        Self::parse(path, &std::fs::read_to_string(path).map_err(Error::io(path))?)
    }

    /// The manifest of that text; `path` is for messages.
    ///
    /// # Errors
    /// [`Error::Format`] where it is no TOML.
    pub fn parse(path: &Path, text: &str) -> Result<Self, Error> {
        let wrong =
            |error: toml_edit::TomlError| Error::Format { path: path.to_owned(), reason: error.to_string() };
        Ok(Self { document: text.parse().map_err(wrong)? })
    }

    /// The text with every edit.
    #[must_use]
    pub fn text(&self) -> String {
        self.document.to_string()
    }

    /// The version in `[package]`; `None` where there is none, or it is inherited.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.document.get("package")?.get("version")?.as_str()
    }

    /// The name in `[package]`.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.document.get("package")?.get("name")?.as_str()
    }

    /// The role in `[package.metadata.isobar]`.
    #[must_use]
    pub fn role(&self) -> Option<&str> {
        self.document.get("package")?.get("metadata")?.get("isobar")?.get("role")?.as_str()
    }

    /// Sets the version in `[package]`; false where none is written out there.
    pub fn set_version(&mut self, version: &Version) -> bool {
        let item = self.document.get_mut("package").and_then(|package| package.get_mut("version"));
        set_text(item.and_then(Item::as_value_mut), &version.to_string())
    }

    /// Whether any of its dependencies names exactly this version of the package.
    #[must_use]
    pub fn pins(&self, package: &str, version: &Version) -> bool {
        self.clone().set_pins(package, version, version) > 0
    }

    /// Turns each exact requirement `=from` of a dependency on the package into `=to`, wherever one stands: inline
    /// or in a table of its own, normal, dev or build, of a target or of the workspace, renamed or not. Gives how
    /// many there were.
    pub fn set_pins(&mut self, package: &str, from: &Version, to: &Version) -> usize {
        let wanted = exact(from);
        let mut count = 0;
        each_dependency(self.document.as_table_mut(), &mut |key, item| {
            let named = item.as_table_like().and_then(|table| table.get("package")).and_then(Item::as_str);
            if named.unwrap_or(key) != package {
                return;
            }
            let is_text = item.is_str();
            let requirement = if is_text { Some(item) } else { item.get_mut("version") };
            let value = requirement.and_then(Item::as_value_mut);
            let found = value.as_ref().and_then(|value| VersionReq::parse(value.as_str()?).ok());
            if found.is_some() && found == wanted {
                count += usize::from(set_text(value, &format!("={to}")));
            }
        });
        count
    }

    /// Adds a member of the workspace after another, where no pattern names it already; false where there is
    /// neither.
    pub fn add_member(&mut self, after: &str, member: &str) -> bool {
        let members = self.document.get_mut("workspace").and_then(|workspace| workspace.get_mut("members"));
        let Some(members) = members.and_then(Item::as_array_mut) else { return false };
        let position = |members: &Array, wanted: &str| {
            members.iter().position(|value| value.as_str().is_some_and(|text| covers(text, wanted)))
        };
        if position(members, member).is_some() {
            return true;
        }
        let Some(index) = position(members, after) else { return false };
        let mut value = Value::from(member);
        // In an array of one line only the first value has nothing before it.
        if let Some(decor) = members.get(index.max(1)).or_else(|| members.get(index)).map(Value::decor) {
            *value.decor_mut() = decor.clone();
        }
        if index == 0
            && members.len() == 1
            && value.decor().prefix().is_none_or(|prefix| prefix.as_str() == Some(""))
        {
            value.decor_mut().set_prefix(" ");
        }
        members.insert_formatted(index + 1, value);
        true
    }

    /// Adds a dependency after another of the same table and in the same form, with another name, folder and exact
    /// version: in `[workspace.dependencies]` or `[dependencies]`. False where there is no such other.
    pub fn add_dependency_like(&mut self, table: Tables, like: &str, name: &str, version: &Version) -> bool {
        let found = match table {
            Tables::Workspace => {
                self.document.get_mut("workspace").and_then(|item| item.get_mut("dependencies"))
            }
            Tables::Package => self.document.get_mut("dependencies"),
        };
        let Some(dependencies) = found.and_then(Item::as_table_mut) else { return false };
        let Some((key, item)) = dependencies.get_key_value(like) else { return false };
        let (decor, mut item) = (key.leaf_decor().clone(), item.clone());
        let dotted = key.dotted_decor().clone();
        if let Some(path) = item.get("path").and_then(Item::as_str).map(|path| path.replace(like, name)) {
            set_text(item.get_mut("path").and_then(Item::as_value_mut), &path);
        }
        set_text(item.get_mut("version").and_then(Item::as_value_mut), &format!("={version}"));
        if let Item::Table(table) = &mut item
            && !table.is_dotted()
        {
            table.set_position(None);
        }
        let order: Vec<String> = dependencies.iter().map(|(key, _)| key.to_owned()).collect();
        let place = |key: &str| order.iter().position(|other| other == key);
        let new = place(like);
        let place = |key: &str| if key == name { (new, true) } else { (place(key), false) };
        let key = toml_edit::Key::new(name).with_leaf_decor(decor).with_dotted_decor(dotted);
        dependencies.insert_formatted(&key, item);
        dependencies.sort_values_by(|a, _, b, _| place(a.get()).cmp(&place(b.get())));
        true
    }
}

/// A table of dependencies that one can be added to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tables {
    /// `[workspace.dependencies]`.
    Workspace,
    /// `[dependencies]`.
    Package,
}

/// The requirement `=version`.
fn exact(version: &Version) -> Option<VersionReq> {
    VersionReq::parse(&format!("={version}")).ok()
}

/// Whether a member pattern names this folder; only a last `*` is understood.
fn covers(pattern: &str, folder: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => folder.strip_prefix(start).is_some_and(|rest| !rest.contains('/')),
        None => pattern == folder,
    }
}

/// Replaces a text and leaves what stands around it.
fn set_text(value: Option<&mut Value>, text: &str) -> bool {
    let Some(value) = value.filter(|value| value.is_str()) else { return false };
    let decor = value.decor().clone();
    *value = Value::from(text);
    *value.decor_mut() = decor;
    true
}

/// Visits every dependency a manifest names.
fn each_dependency(root: &mut Table, visit: &mut dyn FnMut(&str, &mut Item)) {
    if let Some(workspace) = root.get_mut("workspace").and_then(Item::as_table_like_mut) {
        each_of(workspace, &["dependencies"], visit);
    }
    each_of(root, &TABLES, visit);
    let Some(targets) = root.get_mut("target").and_then(Item::as_table_like_mut) else { return };
    for (_, target) in targets.iter_mut() {
        if let Some(target) = target.as_table_like_mut() {
            each_of(target, &TABLES, visit);
        }
    }
}

fn each_of(parent: &mut dyn TableLike, tables: &[&str], visit: &mut dyn FnMut(&str, &mut Item)) {
    for table in tables {
        let Some(table) = parent.get_mut(table).and_then(Item::as_table_like_mut) else { continue };
        for (key, item) in table.iter_mut() {
            visit(key.get(), item);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(text: &str) -> Manifest {
        Manifest::parse(Path::new("Cargo.toml"), text).unwrap()
    }

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    fn bumped(text: &str) -> (usize, String) {
        let mut manifest = manifest(text);
        let count = manifest.set_pins("features-v1", &version("1.0.0-rc.1"), &version("1.0.0"));
        (count, manifest.text())
    }

    #[test]
    fn a_pin_is_set_wherever_it_stands_and_nothing_else_moves() {
        for text in [
            "[dependencies]\n# why\nfeatures-v1 = { path = \"../features-v1\", version = \"=1.0.0-rc.1\" } # traded\n",
            "[dependencies]\nfeatures-v1   =   \"=1.0.0-rc.1\"   # traded\n\n\n[lints]\nworkspace = true\n",
            "[dependencies.features-v1]\npath = \"../features-v1\"\nversion = \"=1.0.0-rc.1\" # exact\n",
            "[dev-dependencies]\nfeatures-v1.version = \"=1.0.0-rc.1\"\nfeatures-v1.path = \"../features-v1\"\n",
            "[build-dependencies.old]\npackage = \"features-v1\"\nversion = \"=1.0.0-rc.1\"\n",
            "[target.'cfg(unix)'.dependencies]\nfeatures-v1 = { version = \"=1.0.0-rc.1\", path = \"f\" }\n",
            "[workspace.dependencies]\na = \"1\" # a\nfeatures-v1 = { path = \"features-v1\", version = \"=1.0.0-rc.1\" }\nb = \"2\"\n",
        ] {
            assert_eq!(bumped(text), (1, text.replace("=1.0.0-rc.1", "=1.0.0")), "{text}");
        }
        // However it is written, it is written anew without spaces.
        let text = "[dependencies]\nfeatures-v1 = { path = \"f\", version = \"= 1.0.0-rc.1\" }\n";
        assert_eq!(bumped(text), (1, text.replace("= 1.0.0-rc.1\"", "=1.0.0\"")));
        let both = "[dependencies.features-v1]\nversion = \"=1.0.0-rc.1\"\n\n[build-dependencies.features-v1]\nversion = \
                    \"=1.0.0-rc.1\"\n";
        assert_eq!(bumped(both), (2, both.replace("=1.0.0-rc.1", "=1.0.0")));
    }

    #[test]
    fn what_names_no_such_version_stays() {
        for text in [
            "[dependencies]\nfeatures-v1.workspace = true\n",
            "[dependencies]\nfeatures-v1 = { path = \"../../features-v1\" } # ours\n",
            "[dependencies]\nfeatures-v1 = { path = \"f\", version = \"=1.0.0\" }\n",
            "[dependencies]\nfeatures-v1 = { path = \"f\", version = \"1.0.0-rc.1\" }\n",
            "[dependencies]\nfeatures-v2 = { path = \"f\", version = \"=1.0.0-rc.1\" }\n",
            "[dependencies]\nfeatures-v1 = { package = \"other\", version = \"=1.0.0-rc.1\" }\n",
            "[package]\nname = \"features-v1\"\nversion = \"1.0.0-rc.1\"\n",
            "",
        ] {
            assert_eq!(bumped(text), (0, text.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_version_is_set_where_it_is_written_out() {
        let text = "[package]\nname = \"a\" # who\nversion = \"1.0.0-rc.1\" # which\n\n[dependencies.b]\nversion = \"1.0.0-rc.1\"\n";
        let mut own = manifest(text);
        assert!(own.set_version(&version("1.0.0")));
        assert_eq!(own.text(), text.replacen("1.0.0-rc.1", "1.0.0", 1));
        assert_eq!((own.name(), own.version(), own.role()), (Some("a"), Some("1.0.0"), None));
        let text = "[package]\nname = \"a\"\nversion.workspace = true\n";
        let mut inherited = manifest(text);
        assert!(!inherited.set_version(&version("1.0.0")));
        assert_eq!(inherited.text(), text);
        let role = "[package.metadata.isobar]\nrole = \"production\"\n";
        assert_eq!(manifest(role).role(), Some("production"));
    }

    #[test]
    fn the_manifest_of_a_version_keeps_its_form() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../features-v1/Cargo.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let mut own = Manifest::read(&path).unwrap();
        assert_eq!(own.text(), text);
        let from = version(own.version().unwrap());
        let contract = text.split("path = \"../crates/feature-api\"\nversion = \"=").nth(1).unwrap();
        let contract = contract.split('"').next().unwrap();
        assert!(own.set_version(&version("1.7.0")));
        assert_eq!(own.set_pins("feature-api", &version(contract), &version("1.8.0")), 2);
        let expected = text.replacen(&format!("\nversion = \"{from}\""), "\nversion = \"1.7.0\"", 1);
        let expected = expected.replace(
            &format!("crates/feature-api\"\nversion = \"={contract}\""),
            "crates/feature-api\"\nversion = \"=1.8.0\"",
        );
        assert_eq!(own.text(), expected);
    }

    #[test]
    fn a_member_is_added_behind_the_one_before() {
        for (text, expected) in [
            (
                "members = [\"bins/*\", \"features-v1\", \"xtask\"]",
                "members = [\"bins/*\", \"features-v1\", \"features-v2\", \"xtask\"]",
            ),
            ("members = [\"features-v1\"]", "members = [\"features-v1\", \"features-v2\"]"),
            (
                "members = [\"features-v1\", \"xtask\"]",
                "members = [\"features-v1\", \"features-v2\", \"xtask\"]",
            ),
            (
                "members = [\n    \"bins/*\",\n    \"features-v1\",\n    \"xtask\",\n]",
                "members = [\n    \"bins/*\",\n    \"features-v1\",\n    \"features-v2\",\n    \"xtask\",\n]",
            ),
            ("members = [\"bins/*\", \"features-*\"]", "members = [\"bins/*\", \"features-*\"]"),
        ] {
            let whole = |members: &str| format!("[workspace]\n{members} # all\nexclude = []\n");
            let mut root = manifest(&whole(text));
            assert!(root.add_member("features-v1", "features-v2"), "{text}");
            assert_eq!(root.text(), whole(expected));
        }
        assert!(!manifest("[workspace]\nmembers = [\"bins/*\"]\n").add_member("features-v1", "features-v2"));
        assert!(!manifest("[package]\nname = \"a\"\n").add_member("features-v1", "features-v2"));
    }

    #[test]
    fn a_dependency_is_added_behind_the_one_before_in_its_form() {
        let two = version("2.0.0-rc.1");
        let own = "features-v1 = { path = \"features-v1\", version = \"=1.0.0\" } # ours\n";
        let new = "features-v2 = { path = \"features-v2\", version = \"=2.0.0-rc.1\" } # ours\n";
        let whole = |text: &str| {
            format!(
                "# Each once.\n[workspace.dependencies]\na = \"1\" # a\n{text}b = \"2\" # b\n\nlibm = \"1\"\n\n[lints]\n"
            )
        };
        let mut root = manifest(&whole(own));
        assert!(root.add_dependency_like(Tables::Workspace, "features-v1", "features-v2", &two));
        assert_eq!(root.text(), whole(&format!("{own}{new}")));
        let whole = |text: &str| {
            format!(
                "[dependencies]\nfeature-api.workspace = true\nfeatures-v1.workspace = true\n{text}tools.workspace = true\n\n[lints]\nworkspace = true\n"
            )
        };
        let mut registry = manifest(&whole(""));
        assert!(registry.add_dependency_like(Tables::Package, "features-v1", "features-v2", &two));
        assert_eq!(registry.text(), whole("features-v2.workspace = true\n"));
        assert!(!registry.add_dependency_like(Tables::Workspace, "features-v1", "features-v2", &two));
        assert!(!registry.add_dependency_like(Tables::Package, "features-v7", "features-v8", &two));
    }
}
