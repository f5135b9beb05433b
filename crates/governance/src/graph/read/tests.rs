#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;

/// Writes a workspace of these manifests, each with an empty library unless it has other targets.
fn workspace(manifests: &[(&str, &str)]) -> (tempfile::TempDir, Workspace) {
    let root = tempfile::tempdir().unwrap();
    for (folder, text) in manifests {
        let folder = root.path().join(folder);
        fs::create_dir_all(folder.join("src")).unwrap();
        fs::write(folder.join("Cargo.toml"), text).unwrap();
        if text.contains("[[bin]]") {
            fs::write(folder.join("src/main.rs"), "fn main() {}\n").unwrap();
        } else if text.contains("[package]") {
            fs::write(folder.join("src/lib.rs"), "").unwrap();
        }
    }
    let workspace = Workspace::open(root.path()).unwrap();
    relock(&workspace);
    (root, workspace)
}

/// Makes the lock file, where cargo can.
fn relock(workspace: &Workspace) {
    workspace.cargo().args(["generate-lockfile", "--offline"]).output().unwrap();
}

fn manifest(name: &str, rest: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{rest}")
}

fn find<'a>(graph: &'a Graph, folder: &str) -> &'a Package {
    graph.packages.iter().find(|package| package.folder == folder).unwrap()
}

/// Its dependencies, each as the rules print it, with the requirement.
fn shown(graph: &Graph, folder: &str) -> Vec<String> {
    let from = graph.packages.iter().position(|package| package.folder == folder).unwrap();
    let show = |(edge, usage): (_, &Use)| format!("{} {}", graph.show(&[edge]), usage.requirement);
    graph.edges(from).map(show).collect()
}

const ROOT: &str = "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\nexclude = [\"experiments\"]\n";

#[test]
fn dependencies_of_every_form_are_read() {
    let bot = manifest(
        "bot",
        r#"
            license = "MIT"
            build = "src/lib.rs"
            [package.metadata.isobar]
            role = "production"
            [features]
            extra = []
            [dependencies]
            base = { path = "../../crates/base", version = "=0.1.0" }
            helper = { package = "side", path = "../../crates/side", optional = true }
            helper-2 = { package = "side", path = "../../experiments/side" }
            tool = { path = "../../crates/tool", default-features = false, features = ["a"] }
            [build-dependencies]
            maker = { path = "../../crates/maker" }
            [dev-dependencies]
            lab-bench = { package = "lab", path = "../../experiments/lab" }
            [target.'cfg(windows)'.dependencies]
            base = { path = "../../crates/base" }
            win = { path = "../../crates/win" }
        "#,
    );
    let lab = manifest("lab", "[workspace]\n[dev-dependencies]\ninner = { path = \"inner\" }\n");
    // The name of a library need not be that of its package.
    let side = manifest("side", "[lib]\nname = \"beside\"\n");
    let (_root, workspace) = workspace(&[
        (".", &ROOT.replace("\"crates/*\"", "\"bins/*\", \"crates/*\"")),
        ("bins/bot", &bot),
        ("crates/base", &manifest("base", "[package.metadata.isobar]\nrole = 7\n")),
        ("crates/maker", &manifest("maker", "")),
        ("crates/side", &side),
        ("experiments/side", &manifest("side", "").replace("0.1.0", "0.2.0")),
        (
            "crates/tool",
            &manifest("tool", "[features]\na = []\n[[bin]]\nname = \"tool\"\npath = \"src/main.rs\"\n"),
        ),
        ("crates/win", &manifest("win", "[dependencies]\nside = { path = \"../side\" }\n")),
        ("experiments/lab", &lab),
        ("experiments/lab/inner", &manifest("inner", "")),
        ("experiments/virtual", "[workspace]\n"),
        ("target/debug", "no manifest"),
        (".hidden", "no manifest"),
        ("node_modules/x", "no manifest"),
        ("stray", &manifest("stray", "[workspace]\n")),
    ]);
    let graph = Graph::read(&workspace).unwrap();

    let names: Vec<(&str, bool, Option<Tier>)> = graph
        .packages
        .iter()
        .map(|package| (package.folder.as_str(), package.is_member, package.tier))
        .collect();
    assert_eq!(
        names,
        [
            ("crates/base", true, Some(Tier::Crates)),
            ("bins/bot", true, Some(Tier::Bins)),
            ("experiments/lab", false, Some(Tier::Experiments)),
            ("crates/maker", true, Some(Tier::Crates)),
            ("crates/side", true, Some(Tier::Crates)),
            ("experiments/side", false, Some(Tier::Experiments)),
            ("crates/tool", true, Some(Tier::Crates)),
            ("crates/win", true, Some(Tier::Crates)),
        ]
    );
    let text = |name: &str| Some(name.to_owned());
    assert_eq!(
        graph.folders,
        [
            (String::new(), None),
            ("bins/bot".to_owned(), text("bot")),
            ("crates/base".to_owned(), text("base")),
            ("crates/maker".to_owned(), text("maker")),
            ("crates/side".to_owned(), text("side")),
            ("crates/tool".to_owned(), text("tool")),
            ("crates/win".to_owned(), text("win")),
            ("experiments/lab".to_owned(), text("lab")),
            ("experiments/lab/inner".to_owned(), text("inner")),
            ("experiments/side".to_owned(), text("side")),
            ("experiments/virtual".to_owned(), None),
            ("stray".to_owned(), text("stray")),
        ]
    );
    assert_eq!(
        shown(&graph, "bins/bot"),
        [
            "bins/bot -> crates/base =0.1.0",
            "bins/bot -> crates/base, for cfg(windows) *",
            "bins/bot -> crates/side, renamed \"helper\", optional *",
            "bins/bot -> experiments/side, renamed \"helper-2\" *",
            "bins/bot -> crates/tool, not resolved *",
            "bins/bot -> crates/win, for cfg(windows) *",
            "bins/bot -> (build) crates/maker *",
            "bins/bot -> (dev) experiments/lab, renamed \"lab-bench\" *",
        ]
    );
    assert_eq!(shown(&graph, "crates/win"), ["crates/win -> crates/side *"]);
    // Tests of what is no member do not run here, and cargo does not look for what they need.
    assert_eq!(
        shown(&graph, "experiments/lab"),
        ["experiments/lab -> (dev) experiments/lab/inner, not resolved *"]
    );
    let bot = find(&graph, "bins/bot");
    assert!(bot.is_production());
    assert_eq!(
        (bot.name.as_str(), bot.version.as_str(), bot.license.as_deref()),
        ("bot", "0.1.0", Some("MIT"))
    );
    assert_eq!(
        (bot.has_build_script, bot.features.as_slice()),
        (true, &["extra".to_owned(), "helper".to_owned()][..])
    );
    let tool = &bot.uses[4];
    assert_eq!((tool.default_features, tool.features.as_slice()), (false, &["a".to_owned()][..]));
    let base = find(&graph, "crates/base");
    assert_eq!(
        (base.role.as_deref(), base.has_build_script, base.license.as_deref()),
        (Some("7"), false, None)
    );
    assert!(bot.uses[0].default_features);
}

#[cfg(unix)]
#[test]
fn a_link_hides_no_experiment() {
    let outside = tempfile::tempdir().unwrap();
    fs::create_dir_all(outside.path().join("far/src")).unwrap();
    fs::write(outside.path().join("far/Cargo.toml"), manifest("far", "[workspace]\n")).unwrap();
    fs::write(outside.path().join("far/src/lib.rs"), "").unwrap();
    let base = "[dependencies]\nfar = { path = \"../../experiments/far\" }\n";
    let (root, workspace) = workspace(&[
        (".", ROOT),
        ("crates/base", &manifest("base", base)),
        ("experiments/lab", &manifest("lab", "workspace = \"../..\"\n")),
    ]);
    let link = std::os::unix::fs::symlink::<PathBuf, PathBuf>;
    link(root.path().join("experiments/lab"), root.path().join("crates/plain")).unwrap();
    link(outside.path().join("far"), root.path().join("experiments/far")).unwrap();
    relock(&workspace);
    let graph = Graph::read(&workspace).unwrap();
    let found: Vec<(&str, &str, bool)> = graph
        .packages
        .iter()
        .map(|package| (package.name.as_str(), package.folder.as_str(), package.is_member))
        .collect();
    assert_eq!(
        found,
        [("base", "crates/base", true), ("far", "experiments/far", false), ("lab", "experiments/lab", true)]
    );
    assert_eq!(shown(&graph, "crates/base"), ["crates/base -> experiments/far *"]);
}

#[test]
fn a_lock_file_that_does_not_fit_is_an_error_and_stays() {
    let (root, workspace) = workspace(&[(".", ROOT), ("crates/base", &manifest("base", ""))]);
    Graph::read(&workspace).unwrap();
    let lock = fs::read_to_string(root.path().join("Cargo.lock")).unwrap();
    let changed = manifest("base", "").replace("0.1.0", "0.2.0");
    fs::write(root.path().join("crates/base/Cargo.toml"), changed).unwrap();
    let error = Graph::read(&workspace).unwrap_err().to_string();
    assert!(
        error.starts_with("`cargo metadata --format-version 1 --all-features --locked` failed: ")
            && error.contains("--locked"),
        "{error}"
    );
    assert_eq!(fs::read_to_string(root.path().join("Cargo.lock")).unwrap(), lock);
    fs::remove_file(root.path().join("Cargo.lock")).unwrap();
    let error = Graph::read(&workspace).unwrap_err().to_string();
    let expected = format!(
        "`cargo metadata --format-version 1 --all-features --locked` failed: error: cannot create the lock file {} \
         because --locked",
        workspace.root().join("Cargo.lock").display()
    );
    assert!(error.starts_with(&expected), "{error}");
    assert!(!root.path().join("Cargo.lock").exists());
}

#[test]
fn a_folder_that_git_ignores_holds_no_manifest() {
    let (root, workspace) =
        workspace(&[(".", ROOT), ("crates/base", &manifest("base", "")), ("build/package/x", "no manifest")]);
    let wrong = workspace.root().join("build/package/x/Cargo.toml");
    let error = Graph::read(&workspace).unwrap_err().to_string();
    assert!(error.starts_with(&format!("{}: TOML parse error", wrong.display())), "{error}");
    Git::at(root.path()).run(&["init", "--quiet"]).unwrap();
    fs::write(root.path().join(".gitignore"), "/build\n").unwrap();
    let folders = Graph::read(&workspace).unwrap().folders;
    assert_eq!(folders, [(String::new(), None), ("crates/base".to_owned(), Some("base".to_owned()))]);
}

#[test]
fn a_feature_of_the_package_asks_for_features_too() {
    let features = "[features]\ndefault = [\"fast\"]\nfast = [\"math/arch\", \"math?/more\", \"other\"]\nother = []\n\
                    [dependencies]\nmath = { package = \"side\", path = \"../side\", features = [\"arch\"], optional = true }\n";
    let side = manifest("side", "[features]\narch = []\nmore = []\n");
    let (_root, workspace) =
        workspace(&[(".", ROOT), ("crates/base", &manifest("base", features)), ("crates/side", &side)]);
    let graph = Graph::read(&workspace).unwrap();
    assert_eq!(find(&graph, "crates/base").uses[0].features, ["arch", "more"]);
}

#[test]
fn a_manifest_that_cannot_be_read_is_an_error() {
    for (text, reason) in [
        ("[package]\nversion = \"1.0.0\"\n", "expected `name` in [package], found none"),
        ("[package", "TOML parse error at line 1, column 9"),
    ] {
        let (root, workspace) =
            workspace(&[(".", ROOT), ("crates/base", &manifest("base", "")), ("experiments/lab", text)]);
        let error = Graph::read(&workspace).unwrap_err().to_string();
        let path = root.path().canonicalize().unwrap().join("experiments/lab/Cargo.toml");
        assert!(error.starts_with(&format!("{}: {reason}", path.display())), "{error}");
    }
}

#[test]
fn what_cargo_says_is_in_the_error() {
    let base = manifest("base", "[dependencies]\nnone = { path = \"../none\" }\n");
    let (_root, workspace) = workspace(&[(".", ROOT), ("crates/base", &base)]);
    let error = Graph::read(&workspace).unwrap_err().to_string();
    let root = workspace.root().display();
    assert_eq!(
        error,
        format!(
            "`cargo metadata --format-version 1 --all-features --locked` failed: error: failed to load manifest for \
             workspace member `{root}/crates/base`\nreferenced via `crates/*` by workspace at `{root}/Cargo.toml`"
        )
    );
}

#[test]
fn the_workspace_of_this_crate_is_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let graph = Graph::read(&Workspace::open(&root).unwrap()).unwrap();
    let members = || graph.packages.iter().filter(|package| package.is_member);
    for member in members() {
        assert!(member.tier.is_some_and(|tier| tier != Tier::Experiments), "{}", member.folder);
        for usage in &member.uses {
            assert!(usage.to.is_some(), "{} -> {}", member.folder, usage.package);
        }
    }
    let gatekeeper = find(&graph, "bins/gatekeeper");
    assert!(gatekeeper.is_production());
    let pin = gatekeeper.uses.iter().find(|usage| usage.package == "features-v1").unwrap();
    assert_eq!((pin.kind, pin.path.as_deref(), pin.optional), (Kind::Normal, Some("features-v1"), false));
    let version = find(&graph, "features-v1");
    assert_eq!(pin.requirement, format!("={}", version.version));
    assert_eq!(graph.target(pin), Some(version));
    let libm = graph.packages.iter().find(|package| package.name == "libm").unwrap();
    assert_eq!(libm.origin, Origin::Registry("https://github.com/rust-lang/crates.io-index".to_owned()));
    assert_eq!(find(&graph, "bins/isobar").role.as_deref(), Some("research"));
    assert!(graph.folders.contains(&("fuzz".to_owned(), Some("isobar-fuzz".to_owned()))));
    let sorted = graph.packages.is_sorted_by(|a, b| a.name <= b.name) && graph.folders.is_sorted();
    assert!(sorted, "{:?}", graph.folders);
}
