//! Reads what the rule looks at.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::thread;

use toml::{Table, Value};

use super::{Home, Inputs, Link, Text, paths, problem, read_toml, sources, targets, unread};
use crate::{Error, Graph, Kind, Scan, Tier, Workspace, units};

impl Inputs {
    /// Reads the packages and the configuration, and builds meanwhile. What cannot be read is in [`Inputs::unread`].
    #[must_use]
    pub fn read(workspace: &Workspace, graph: &Graph) -> Self {
        let (mut inputs, built) = thread::scope(|scope| {
            let built = scope.spawn(|| units(workspace, graph));
            (Self::written(workspace, graph), built.join())
        });
        let broken_off =
            || Error::Command { command: "cargo check".to_owned(), reason: "it broke off".to_owned() };
        match built.unwrap_or_else(|_| Err(broken_off())) {
            Ok(units) => inputs.units = units,
            Err(error) => inputs.unread.push(problem(
                "Cargo.toml",
                format!("what production is built from cannot be told: {error}"),
                "mend the build",
            )),
        }
        inputs
    }

    /// All but the build.
    fn written(workspace: &Workspace, graph: &Graph) -> Self {
        let mut inputs =
            Self { root: workspace.root().to_string_lossy().replace('\\', "/"), ..Self::default() };
        inputs.manifest = inputs.table(workspace, "Cargo.toml");
        inputs.packages(workspace, graph);
        inputs.places(workspace.root());
        for home in inputs.homes.clone() {
            inputs.folder(workspace, &home.folder, &home.folder);
        }
        inputs.mark_build_scripts(graph);
        inputs.configs(workspace, "");
        inputs.texts.sort_by(|a, b| a.path.cmp(&b.path));
        inputs
    }

    fn table(&mut self, workspace: &Workspace, path: &str) -> Table {
        read_toml(workspace, path).unwrap_or_else(|error| {
            self.unread.push(unread(path, &error));
            Table::new()
        })
    }

    /// The packages by their folders: members, and what stands in a folder of packages without being one.
    fn packages(&mut self, workspace: &Workspace, graph: &Graph) {
        let members = graph.packages.iter().filter(|package| package.is_member);
        let mut folders: BTreeSet<(String, String)> =
            members.map(|package| (package.folder.clone(), package.name.clone())).collect();
        let named = graph.folders.iter().filter_map(|(folder, name)| Some((folder.clone(), name.clone()?)));
        folders.extend(named);
        for (folder, name) in folders {
            match Tier::of(&folder) {
                Some(Tier::Features | Tier::Crates | Tier::Bins | Tier::Xtask) => {
                    let manifest = self.table(workspace, &format!("{folder}/Cargo.toml"));
                    self.homes.push(Home { folder, name, manifest });
                }
                Some(Tier::Experiments) | None => {}
            }
        }
    }

    /// Links in the place of packages.
    fn places(&mut self, root: &Path) {
        for group in ["", "crates", "bins"] {
            let entries = fs::read_dir(root.join(group)).into_iter().flatten().filter_map(Result::ok);
            for entry in entries {
                let name = entry.file_name().to_string_lossy().into_owned();
                let path = if group.is_empty() { name } else { format!("{group}/{name}") };
                let is_place = Tier::of(&path).is_some() || ["crates", "bins"].contains(&path.as_str());
                if is_place && entry.file_type().is_ok_and(|kind| kind.is_symlink()) {
                    self.link(&path, None, &entry.path());
                }
            }
        }
    }

    fn link(&mut self, path: &str, folder: Option<&str>, link: &Path) {
        let target = link.canonicalize().or_else(|_| fs::read_link(link)).unwrap_or_default();
        let target = paths::resolve(&self.root, paths::parent(path), &target.to_string_lossy());
        self.links.push(Link { path: path.to_owned(), folder: folder.map(str::to_owned), target });
    }

    /// Reads the sources and links of a package's folder.
    fn folder(&mut self, workspace: &Workspace, home: &str, folder: &str) {
        let path = workspace.root().join(folder);
        let entries: Result<Vec<_>, _> = fs::read_dir(&path).and_then(Iterator::collect);
        let mut entries = match entries.map_err(Error::io(&path)) {
            Ok(entries) => entries,
            Err(error) => return self.unread.push(unread(folder, &error)),
        };
        entries.sort_by_key(fs::DirEntry::file_name);
        // What cargo builds into is no source.
        if folder != home && is_built(&path, folder) {
            return;
        }
        for entry in entries {
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            match entry.file_type() {
                Ok(kind) if kind.is_symlink() => self.link(&path, Some(home), &entry.path()),
                Ok(kind) if kind.is_dir() => self.folder(workspace, home, &path),
                Ok(_) if path.ends_with(".rs") => self.text(workspace, home, &path),
                Ok(_) => {}
                Err(error) => self.unread.push(unread(&path, &Error::io(&path)(error))),
            }
        }
    }

    /// Reads a source, and what it includes of other names than `.rs`.
    fn text(&mut self, workspace: &Workspace, home: &str, path: &str) {
        if self.texts.iter().any(|text| text.path == path) {
            return;
        }
        let scan = workspace.text(path).and_then(|text| Scan::of(Path::new(path), &text));
        let scan = match scan {
            Ok(scan) => scan,
            Err(error) => return self.unread.push(unread(path, &error)),
        };
        let text = Text { folder: home.to_owned(), path: path.to_owned(), in_build_script: false, scan };
        let code =
            text.scan.named.iter().filter(|named| ["#[path]", "include!"].contains(&named.by.as_str()));
        let included: Vec<String> = code
            .filter_map(|named| sources::target(&self.root, home, path, named))
            .filter(|path| paths::is_inside(path, home) && !path.ends_with(".rs"))
            .filter(|path| workspace.root().join(path).is_file())
            .collect();
        self.texts.push(text);
        for path in included {
            self.text(workspace, home, &path);
        }
    }

    /// Marks what a build runs: the files of build scripts, macros, and the packages that either depends on.
    fn mark_build_scripts(&mut self, graph: &Graph) {
        let mut files: Vec<String> = Vec::new();
        for home in &self.homes {
            files.push(format!("{}/build.rs", home.folder));
            let named =
                targets::sources(&home.manifest).into_iter().filter(|(key, _)| key == "[package] build");
            files.extend(named.map(|(_, path)| paths::resolve(&self.root, &home.folder, path)));
        }
        while let Some(path) = files.pop() {
            let root = self.root.clone();
            let found = self.texts.iter_mut().find(|text| text.path == path && !text.in_build_script);
            let Some(text) = found else { continue };
            text.in_build_script = true;
            files.extend(
                text.scan
                    .named
                    .iter()
                    .filter_map(|named| sources::target(&root, &text.folder, &text.path, named)),
            );
            let (folder, stem) = (paths::parent(&text.path), text.path.trim_end_matches(".rs"));
            for module in &text.scan.modules {
                for base in [folder, stem] {
                    files.extend([format!("{base}/{module}.rs"), format!("{base}/{module}/mod.rs")]);
                }
            }
        }
        let uses =
            graph.packages.iter().filter(|package| package.is_member).flat_map(|package| &package.uses);
        let used = uses.filter(|used| used.kind == Kind::Build).filter_map(|used| used.to);
        let macros = graph.packages.iter().enumerate().filter(|(_, package)| {
            self.homes.iter().any(|home| home.folder == package.folder && is_macro(&home.manifest))
        });
        let roots = used.chain(macros.map(|(index, _)| index));
        let run: BTreeSet<usize> = roots.flat_map(|index| graph.closure(index, false)).collect();
        for package in run.iter().filter_map(|index| graph.packages.get(*index)) {
            let folder = &package.folder;
            let aside = ["tests", "benches", "examples"].map(|aside| format!("{folder}/{aside}"));
            let texts = self.texts.iter_mut().filter(|text| {
                text.folder == *folder && !aside.iter().any(|aside| paths::is_inside(&text.path, aside))
            });
            texts.for_each(|text| text.in_build_script = true);
        }
    }

    /// Reads the configuration files of cargo below a folder.
    fn configs(&mut self, workspace: &Workspace, folder: &str) {
        let path = workspace.root().join(folder);
        let entries: Result<Vec<_>, _> = fs::read_dir(&path).and_then(Iterator::collect);
        let entries = match entries.map_err(Error::io(&path)) {
            Ok(entries) => entries,
            Err(error) => {
                return self.unread.push(unread(if folder.is_empty() { "." } else { folder }, &error));
            }
        };
        if is_built(&path, folder) {
            return;
        }
        let mut names: Vec<_> =
            entries.iter().map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry)).collect();
        names.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, entry) in names {
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            let is_left_out = name == ".git" || Tier::of(&path) == Some(Tier::Experiments);
            // Of a link too: cargo follows it.
            let is_config = paths::parent(&path).rsplit('/').next() == Some(".cargo")
                && ["config", "config.toml"].contains(&name.as_str());
            if is_config {
                self.config(workspace, &path);
            } else if !is_left_out
                && (name == ".cargo" && entry.path().is_dir()
                    || entry.file_type().is_ok_and(|kind| kind.is_dir()))
            {
                self.configs(workspace, &path);
            }
        }
    }

    /// Reads a configuration file, and those it includes.
    fn config(&mut self, workspace: &Workspace, path: &str) {
        if self.configs.iter().any(|(known, _)| known == path) {
            return;
        }
        let table = self.table(workspace, path);
        let included = table.get("include").map(include_paths).unwrap_or_default();
        self.configs.push((path.to_owned(), table));
        for include in included {
            let include = paths::resolve(&self.root, paths::parent(path), &include);
            if workspace.root().join(&include).is_file() {
                self.config(workspace, &include);
            }
        }
    }
}

/// Whether a folder is one that cargo builds into: of its name, with its signature, and not among sources.
fn is_built(path: &Path, folder: &str) -> bool {
    let mut parts = folder.rsplit('/');
    parts.next() == Some("target")
        && parts.all(|part| !["src", "tests", "benches", "examples"].contains(&part))
        && fs::read_to_string(path.join("CACHEDIR.TAG"))
            .is_ok_and(|tag| tag.starts_with("Signature: 8a477f597d28d172789f06886806bc55"))
}

/// Whether a package is one of macros.
fn is_macro(manifest: &Table) -> bool {
    let Some(lib) = manifest.get("lib") else { return false };
    let is_set = |key: &str| lib.get(key).and_then(Value::as_bool) == Some(true);
    let types = ["crate-type", "crate_type"].into_iter().filter_map(|key| lib.get(key)?.as_array());
    is_set("proc-macro")
        || is_set("proc_macro")
        || types.flatten().any(|kind| kind.as_str() == Some("proc-macro"))
}

/// The paths of `include`: a text, or a list of texts and of tables with `path`.
fn include_paths(include: &Value) -> Vec<String> {
    let items = include.as_array().map_or_else(|| vec![include], |items| items.iter().collect());
    let paths = items.into_iter().filter_map(|item| item.as_str().or_else(|| item.get("path")?.as_str()));
    paths.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::super::escapes;
    use super::*;
    use crate::Problem;

    #[test]
    fn this_workspace_names_nothing_outside_of_its_packages() {
        let workspace = Workspace::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap();
        let inputs = Inputs::written(&workspace, &Graph::read(&workspace).unwrap());
        for read in ["features-v1/src/lib.rs", "crates/governance/src/lib.rs", "bins/gatekeeper/build.rs"] {
            assert!(inputs.texts.iter().any(|text| text.path == read), "{read}");
        }
        let in_build_script =
            |path: &str| inputs.texts.iter().any(|text| text.path == path && text.in_build_script);
        assert!(
            in_build_script("features-v1/build.rs")
                && in_build_script("crates/feature-api/src/identity/build.rs")
        );
        assert!(!in_build_script("features-v1/src/lib.rs"));
        assert!(inputs.configs.iter().any(|(path, _)| path == ".cargo/config.toml"));
        assert_eq!(escapes(&inputs), []);
    }

    /// A workspace with a way into experiments of every kind that a build takes.
    fn write_workspace(root: &Path) {
        #![allow(clippy::unwrap_used, reason = "tests")]
        let package = |name: &str, more: &str| {
            format!("[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2024\"\n{more}")
        };
        let trader = "[package.metadata.isobar]\nrole = \"production\"\n[dependencies]\nfeatures-v1.path = \"../../features-v1\"\n\
                      helper.path = \"../../crates/helper\"\noutside.path = \"../../../outside\"\n";
        let generate = "fn main() {\n    println!(\"cargo::rerun-if-changed=../data\");\n    \
                        println!(\"cargo::rerun-if-changed={}\", \"../Experiments/data\");\n    \
                        std::fs::write(format!(\"{}/made.rs\", std::env::var(\"OUT_DIR\").unwrap()), \"pub fn made() {}\").unwrap();\n}\n";
        let features = "include!(concat!(env!(\"OUT_DIR\"), \"/made.rs\"));\npub const A: &str = include_str!(\"../goldens/a\");\n\
                        pub const B: &str = include_str!(\"../README.md\");\n";
        let helper = "mod linked;\n#[path = \"../../../experiments/probe/src/a b.rs\"]\nmod probe;\n\
                      pub const C: &str = include_str!(\"../../other/src/lib.rs\");\npub const D: &str = include_str!(\"../../../notes\");\n";
        for (path, text) in [
            ("outside/Cargo.toml", package("outside", "")),
            ("outside/src/lib.rs", String::new()),
            ("root/Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"bins/*\", \"crates/*\", \"features-v1\"]\nexclude = [\"experiments\"]\n".to_owned()),
            ("root/notes", String::new()),
            ("root/data", String::new()),
            ("root/features-v1/Cargo.toml", package("features-v1", "")),
            ("root/features-v1/build.rs", generate.to_owned()),
            ("root/features-v1/goldens/a", String::new()),
            ("root/features-v1/README.md", String::new()),
            ("root/features-v1/src/lib.rs", features.to_owned()),
            ("root/crates/helper/Cargo.toml", package("helper", "")),
            ("root/crates/helper/src/lib.rs", helper.to_owned()),
            ("root/crates/other/Cargo.toml", package("other", "")),
            ("root/crates/other/src/lib.rs", String::new()),
            ("root/bins/trader/Cargo.toml", package("trader", trader)),
            ("root/bins/trader/src/main.rs", "fn main() {}\n".to_owned()),
            ("root/experiments/probe/Cargo.toml", package("probe", "[workspace]\n")),
            ("root/experiments/probe/src/lib.rs", String::new()),
            ("root/experiments/probe/src/a b.rs", String::new()),
            ("root/.cargo/config.toml", "include = [\"more.toml\"]\n".to_owned()),
            ("root/.cargo/more.toml", "paths = [\"../outside\"]\n".to_owned()),
        ] {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    #[test]
    fn a_tag_alone_hides_no_source() {
        let folder = tempfile::tempdir().unwrap();
        let tag = "Signature: 8a477f597d28d172789f06886806bc55\n# cargo\n";
        for (path, tag, expected) in [
            ("crates/a/target", tag, true),
            ("crates/b/target", "", false),
            ("crates/a/src", tag, false),
            ("crates/a/src/target", tag, false),
            ("crates/a/parts", tag, false),
        ] {
            let path_on_disk = folder.path().join(path);
            fs::create_dir_all(&path_on_disk).unwrap();
            fs::write(path_on_disk.join("CACHEDIR.TAG"), tag).unwrap();
            assert_eq!(is_built(&path_on_disk, path), expected, "{path}");
        }
    }

    #[test]
    fn macros_run_when_something_is_built() {
        let folder = tempfile::tempdir().unwrap();
        write_workspace(folder.path());
        let root = folder.path().join("root");
        let manifest = fs::read_to_string(root.join("crates/other/Cargo.toml")).unwrap();
        fs::write(root.join("crates/other/Cargo.toml"), manifest + "[lib]\nproc-macro = true\n").unwrap();
        fs::write(root.join("crates/other/src/lib.rs"), "fn f() { read(\"experiments/x\"); }\n").unwrap();
        let workspace = Workspace::open(&root).unwrap();
        let locked = workspace.cargo().args(["generate-lockfile", "--offline"]).output().unwrap();
        assert!(locked.status.success(), "{}", String::from_utf8_lossy(&locked.stderr));
        let problems = escapes(&Inputs::written(&workspace, &Graph::read(&workspace).unwrap()));
        let found: Vec<String> =
            shown(&problems).into_iter().filter(|one| one.contains("other/src/lib.rs:")).collect();
        let expected =
            "crates/other/src/lib.rs:1: the build runs this, and it names experiments: \"experiments/x\"";
        assert_eq!(found, [expected]);
    }

    fn shown(problems: &[Problem]) -> Vec<String> {
        problems.iter().map(|problem| format!("{}: {}", problem.place, problem.reason)).collect()
    }

    #[cfg(unix)]
    #[test]
    fn what_a_build_reads_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        write_workspace(folder.path());
        let root = folder.path().join("root");
        std::os::unix::fs::symlink(
            "../../../experiments/probe/src/lib.rs",
            root.join("crates/helper/src/linked.rs"),
        )
        .unwrap();
        let workspace = Workspace::open(&root).unwrap().with_target_dir(&root.join("target"));
        let locked = workspace.cargo().args(["generate-lockfile", "--offline"]).output().unwrap();
        assert!(locked.status.success(), "{}", String::from_utf8_lossy(&locked.stderr));
        let graph = Graph::read(&workspace).unwrap();

        let outside = workspace.root().with_file_name("outside").display().to_string();
        let problems = escapes(&Inputs::read(&workspace, &graph));
        assert_eq!(
            shown(&problems),
            [
                ".cargo/more.toml: paths overrides packages by folders that no manifest names".to_owned(),
                format!("{outside}: its library is built into production or a feature version, but is none of features-v*, crates/*, bins/*"),
                "crates/helper: its library reads crates/other/src/lib.rs, a file of another package".to_owned(),
                "crates/helper: its library reads experiments/probe/src/a b.rs, an experiment".to_owned(),
                "crates/helper: its library reads experiments/probe/src/lib.rs, an experiment".to_owned(),
                "crates/helper: its library reads notes, a file of no package".to_owned(),
                "crates/helper/src/lib.rs:2: #[path] reads experiments/probe/src/a b.rs, outside of its package".to_owned(),
                "crates/helper/src/lib.rs:4: include_str! reads crates/other/src/lib.rs, outside of its package".to_owned(),
                "crates/helper/src/lib.rs:5: include_str! reads notes, outside of its package".to_owned(),
                "crates/helper/src/linked.rs: is a symbolic link to experiments/probe/src/lib.rs, outside of its package".to_owned(),
                "features-v1: its build script reads Experiments/data, an experiment".to_owned(),
                "features-v1: its library reads features-v1/README.md, which is not part of its source hash".to_owned(),
                "features-v1/build.rs:3: the build runs this, and it names experiments: \"../Experiments/data\"".to_owned(),
            ]
        );

        fs::write(root.join("crates/helper/src/lib.rs"), "pub fn broken( {}\n").unwrap();
        fs::write(root.join("crates/other/src/lib.rs"), "\"").unwrap();
        fs::remove_dir_all(root.join(".cargo")).unwrap();
        let broken = escapes(&Inputs::read(&workspace, &graph));
        let reasons: Vec<&Problem> =
            broken.iter().filter(|problem| problem.reason.contains("cannot be")).collect();
        let reason = &reasons.first().unwrap().reason;
        let command = "what production is built from cannot be told: `cargo check --locked --package features-v1 --package trader` failed: error: ";
        assert!(reason.starts_with(command), "{reason}");
        assert!(reason.contains("crates/helper/src/lib.rs:1"), "{reason}");
        assert!(
            reasons.iter().any(|problem| problem.place == "crates/other/src/lib.rs"
                && problem.reason == "cannot be read: expected Rust, found what is none in line 1"),
            "{reasons:?}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_the_place_of_a_package_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        write_workspace(folder.path());
        let root = folder.path().join("root");
        fs::remove_dir_all(root.join("crates/other")).unwrap();
        std::os::unix::fs::symlink("../experiments/probe", root.join("crates/other")).unwrap();
        std::os::unix::fs::symlink("nowhere", root.join("crates/gone")).unwrap();
        let mut inputs = Inputs::default();
        let workspace = Workspace::open(&root).unwrap();
        inputs.root = workspace.root().display().to_string();
        inputs.places(workspace.root());
        let link = |path: &str, target: &str| Link {
            path: path.to_owned(),
            folder: None,
            target: target.to_owned(),
        };
        inputs.links.sort_by(|a, b| a.path.cmp(&b.path));
        assert_eq!(
            inputs.links,
            [link("crates/gone", "crates/nowhere"), link("crates/other", "experiments/probe")]
        );
    }
}
