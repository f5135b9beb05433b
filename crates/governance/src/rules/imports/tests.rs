use super::imports;
use crate::graph::toy::Toy;
use crate::{Kind, Rule};

/// What the rule says of a graph, sorted: place, reason, fix.
fn found(toy: Toy) -> Vec<[String; 3]> {
    let mut problems = imports(&toy.graph());
    problems.sort();
    assert!(problems.iter().all(|problem| problem.rule == Rule::Imports));
    problems.into_iter().map(|problem| [problem.place, problem.reason, problem.fix]).collect()
}

/// Production on v1, research on all of it, xtask, and an experiment that uses what it likes.
fn whole() -> Toy {
    Toy::bot()
        .member("features-v2")
        .member("crates/feature-registry")
        .member("crates/testkit")
        .role("bins/tool", "research")
        .member("xtask")
        .stranger("experiments/lab")
        .folder("", None)
        .folder("fuzz", Some("bot-fuzz"))
        .registry("libm", "/registry/libm-1.0.0")
        .registry("vendored", "vendor/vendored")
        .folder("vendor/vendored", Some("vendored"))
        .git("helper", "/home/experiments/.cargo/git/checkouts/helper-1/1a2b/crates/helper")
        .uses("features-v1", "libm")
        .uses("features-v2", "crates/feature-api")
        .dev("features-v2", "features-v1")
        .dev("features-v1", "crates/testkit")
        .build("features-v1", "crates/feature-api")
        .uses("crates/feature-registry", "features-v1")
        .uses("crates/feature-registry", "features-v2")
        .dev("crates/base", "features-v2")
        .uses("crates/base", "vendored")
        .uses("crates/base", "helper")
        .dev("bins/bot", "bins/tool")
        .uses("bins/tool", "bins/bot")
        .uses("bins/tool", "crates/feature-registry")
        .uses("bins/tool", "features-v1")
        .uses("xtask", "crates/base")
        .dev("xtask", "bins/tool")
        .uses("experiments/lab", "bins/bot")
        .uses("experiments/lab", "xtask")
        .uses("experiments/lab", "crates/feature-registry")
}

const ADVICE: &str = "what others need of an experiment moves to a package under crates/";

#[test]
fn what_the_table_of_tiers_allows_is_no_problem() {
    assert_eq!(found(whole()), Vec::<[String; 3]>::new());
}

#[test]
fn a_dependency_on_an_experiment_is_found_however_it_is_written() {
    let cases: [(Toy, &str, &str); 9] = [
        (whole().uses("bins/bot", "experiments/lab"), "experiments/lab", "\"lab\" out of [dependencies]"),
        (
            whole().build("bins/bot", "experiments/lab"),
            "(build) experiments/lab",
            "\"lab\" out of [build-dependencies]",
        ),
        (
            whole().dev("bins/bot", "experiments/lab"),
            "(dev) experiments/lab",
            "\"lab\" out of [dev-dependencies]",
        ),
        (
            whole().uses_as("bins/bot", "experiments/lab", |usage| {
                usage.rename = Some("helper".to_owned());
                usage.optional = true;
            }),
            "experiments/lab, renamed \"helper\", optional",
            "\"helper\" out of [dependencies]",
        ),
        (
            whole().uses_as("bins/bot", "experiments/lab", |usage| {
                usage.target = Some("cfg(windows)".to_owned())
            }),
            "experiments/lab, for cfg(windows)",
            "\"lab\" out of [target.'cfg(windows)'.dependencies]",
        ),
        (
            whole().uses_as("bins/bot", "experiments/lab", |usage| usage.to = None),
            "experiments/lab, not resolved",
            "\"lab\" out of [dependencies]",
        ),
        (
            whole()
                .uses_as("bins/bot", "crates/base", |usage| usage.path = Some("experiments/base".to_owned())),
            "crates/base; its declared path is experiments/base",
            "\"base\" out of [dependencies]",
        ),
        (
            whole().stranger("fuzz/inner").uses("bins/bot", "fuzz/inner"),
            "fuzz/inner",
            "\"inner\" out of [dependencies]",
        ),
        (
            whole().registry("mirrored", "experiments/mirror/mirrored").uses("bins/bot", "mirrored"),
            "experiments/mirror/mirrored",
            "\"mirrored\" out of [dependencies]",
        ),
    ];
    for (toy, end, key) in cases {
        assert_eq!(
            found(toy),
            [[
                "bins/bot".to_owned(),
                format!("production reaches an experiment: bins/bot -> {end}"),
                format!("take {key} of bins/bot/Cargo.toml; {ADVICE}"),
            ]]
        );
    }
}

#[test]
fn an_experiment_is_known_by_its_name_and_by_its_folder_in_a_repository() {
    let rename = "where the two have nothing in common, rename the experiment";
    let git = "(git https://git.example/lab#1a2b)";
    let registry = "(registry elsewhere)";
    let checkout = "/home/.cargo/git/checkouts/isobar-1/1a2b";
    let cases = [
        (
            whole().git("lab", checkout).uses("bins/bot", "lab"),
            format!("lab 1.0.0 {git}; that is the name of the experiment in experiments/lab"),
            "lab",
            rename,
        ),
        (
            whole().git("other", &format!("{checkout}/experiments/other")).uses("bins/bot", "other"),
            format!("other 1.0.0 {git}; its folder in that repository is experiments/other"),
            "other",
            ADVICE,
        ),
        (
            whole().git("deep", &format!("{checkout}/sub/experiments/a/deep")).uses("bins/bot", "deep"),
            format!("deep 1.0.0 {git}; its folder in that repository is sub/experiments/a/deep"),
            "deep",
            ADVICE,
        ),
        (
            whole().registry("lab", "/registry/lab-1.0.0").uses("bins/bot", "lab"),
            format!("lab 1.0.0 {registry}; that is the name of the experiment in experiments/lab"),
            "lab",
            rename,
        ),
        (
            whole().registry("bot-fuzz", "/registry/bot-fuzz-1.0.0").uses("bins/bot", "bot-fuzz"),
            format!("bot-fuzz 1.0.0 {registry}; that is the name of the experiment in fuzz"),
            "bot-fuzz",
            rename,
        ),
    ];
    for (toy, end, key, advice) in cases {
        assert_eq!(
            found(toy),
            [[
                "bins/bot".to_owned(),
                format!("production reaches an experiment: bins/bot -> {end}"),
                format!("take \"{key}\" out of [dependencies] of bins/bot/Cargo.toml; {advice}"),
            ]]
        );
    }
}

#[test]
fn production_sees_its_shortest_way_and_every_other_dependency_is_told_once() {
    let toy = whole()
        .production("bins/second")
        .member("crates/strategy")
        .member("crates/runtime")
        .stranger("experiments/deep")
        .uses("bins/bot", "crates/runtime")
        .uses("bins/second", "crates/runtime")
        .uses("crates/runtime", "crates/strategy")
        .uses_as("crates/strategy", "experiments/lab", |usage| {
            usage.kind = Kind::Dev;
            usage.rename = Some("helper".to_owned());
        })
        .build("crates/strategy", "experiments/deep")
        .uses("bins/tool", "experiments/lab")
        .dev("xtask", "experiments/lab")
        .dev("features-v2", "experiments/lab");
    let path = "crates/runtime -> crates/strategy -> (dev) experiments/lab, renamed \"helper\"";
    let helper = format!("take \"helper\" out of [dev-dependencies] of crates/strategy/Cargo.toml; {ADVICE}");
    assert_eq!(
        found(toy),
        [
            [
                // The shortest of its ways, here over its own tests.
                "bins/bot".to_owned(),
                "production reaches an experiment: bins/bot -> (dev) bins/tool -> experiments/lab".to_owned(),
                format!("take \"lab\" out of [dependencies] of bins/tool/Cargo.toml; {ADVICE}"),
            ],
            [
                "bins/second".to_owned(),
                format!("production reaches an experiment: bins/second -> {path}"),
                helper,
            ],
            [
                "crates/strategy".to_owned(),
                "reaches an experiment: crates/strategy -> (build) experiments/deep".to_owned(),
                format!("take \"deep\" out of [build-dependencies] of crates/strategy/Cargo.toml; {ADVICE}"),
            ],
            [
                "features-v2".to_owned(),
                "reaches an experiment: features-v2 -> (dev) experiments/lab".to_owned(),
                format!("take \"lab\" out of [dev-dependencies] of features-v2/Cargo.toml; {ADVICE}"),
            ],
            [
                "xtask".to_owned(),
                "reaches an experiment: xtask -> (dev) experiments/lab".to_owned(),
                format!("take \"lab\" out of [dev-dependencies] of xtask/Cargo.toml; {ADVICE}"),
            ],
        ]
    );
}

#[test]
fn an_experiment_in_the_place_of_what_others_use_is_found_and_their_tests_do_not_count() {
    // A folder that no declaration names: a [patch] put it there.
    let toy = whole()
        .stranger("experiments/other")
        .uses_as("helper", "experiments/lab", |usage| usage.path = None)
        .dev("helper", "experiments/other");
    let reason = "crates/base -> helper 1.0.0 (git https://git.example/lab#1a2b) -> experiments/lab";
    assert_eq!(
        found(toy),
        [[
            "bins/bot".to_owned(),
            format!("production reaches an experiment: bins/bot -> {reason}"),
            "take out what puts it in the place of \"lab\": [patch], [replace] or `paths` of .cargo/config.toml"
                .to_owned(),
        ]]
    );
}

#[test]
fn what_an_experiment_uses_is_its_own_affair() {
    let toy = || whole().stranger("experiments/deep").uses("experiments/lab", "experiments/deep");
    assert_eq!(found(toy()), Vec::<[String; 3]>::new());
    assert_eq!(
        found(toy().dev("bins/tool", "experiments/lab").dev("bins/tool", "experiments/lab")),
        [
            [
                "bins/bot".to_owned(),
                "production reaches an experiment: bins/bot -> (dev) bins/tool -> (dev) experiments/lab"
                    .to_owned(),
                format!("take \"lab\" out of [dev-dependencies] of bins/tool/Cargo.toml; {ADVICE}"),
            ],
            [
                "bins/tool".to_owned(),
                "reaches an experiment: bins/tool -> (dev) experiments/lab".to_owned(),
                format!("take \"lab\" out of [dev-dependencies] of bins/tool/Cargo.toml; {ADVICE}"),
            ],
        ]
    );
}

#[test]
fn a_crate_of_ours_with_the_name_of_an_experiment_is_none() {
    assert_eq!(found(whole().member("crates/lab").uses("bins/bot", "crates/lab")), Vec::<[String; 3]>::new());
}

#[test]
fn a_vendored_package_is_none_of_ours() {
    let toy = whole().registry("copied", "crates/copied").folder("crates/copied", Some("copied"));
    assert_eq!(found(toy.uses("features-v1", "copied")), Vec::<[String; 3]>::new());
}

#[test]
fn each_package_has_one_tier_and_all_but_experiments_are_members() {
    let no_tier = "move it to crates/NAME, bins/NAME or experiments/NAME; a feature version is features-vN";
    let cases = [
        (whole().member("tools/x"), "tools/x", "the package \"x\" lies in a folder of no tier", no_tier),
        (whole().member(""), ".", "the package \"\" lies in a folder of no tier", no_tier),
        (
            whole().stranger("/elsewhere/y"),
            "/elsewhere/y",
            "the package \"y\" lies in a folder of no tier",
            no_tier,
        ),
        (
            whole().folder("crates/a/inner", Some("inner")),
            "crates/a/inner",
            "the package \"inner\" lies in a folder of no tier",
            no_tier,
        ),
        (
            whole().folder("features-v03", Some("features-v03")),
            "features-v03",
            "the package \"features-v03\" lies in a folder of no tier",
            no_tier,
        ),
        (
            whole().member("experiments/in"),
            "experiments/in",
            "the experiment \"in\" is a member of the main workspace",
            "list \"experiments/in\" under `exclude` of [workspace] in Cargo.toml, not under `members`",
        ),
        (
            whole().stranger("bins/rogue"),
            "bins/rogue",
            "the package \"rogue\" is no member of the workspace, so that no rule reads what it uses",
            "list \"bins/rogue\" under `members` of [workspace] in Cargo.toml, not under `exclude`, or move it under \
             experiments/",
        ),
        (
            whole().folder("bins/hidden", Some("rogue")),
            "bins/hidden",
            "the package \"rogue\" is no member of the workspace, so that no rule reads what it uses",
            "list \"bins/hidden\" under `members` of [workspace] in Cargo.toml, not under `exclude`, or move it under \
             experiments/",
        ),
    ];
    for (toy, place, reason, fix) in cases {
        assert_eq!(found(toy), [[place, reason, fix].map(str::to_owned)]);
    }
}

#[test]
fn a_binary_says_what_it_is_for() {
    let fix = "write `role = \"production\"` under [package.metadata.isobar] where it runs with money, else `role = \
               \"research\"`";
    let expected = "expected the role \"production\" or \"research\", ";
    for (toy, reason) in [
        (whole().member("bins/new"), format!("{expected}found none")),
        (whole().role("bins/new", "prod"), format!("{expected}found \"prod\"")),
        (whole().role("bins/new", "Production"), format!("{expected}found \"Production\"")),
        (whole().role("bins/new", ""), format!("{expected}found \"\"")),
    ] {
        assert_eq!(found(toy), [["bins/new/Cargo.toml".to_owned(), reason, fix.to_owned()]]);
    }
}

#[test]
fn each_tier_uses_what_it_may() {
    let features = "a feature version uses feature-api alone, and in its tests crates and other versions";
    let crates =
        "a crate uses crates; features only where it is feature-registry or in tests; no binary and no xtask";
    let bins = "a binary uses crates and features, not xtask";
    let xtask = "xtask uses crates, and the rest in its tests";
    let plain = |from, to| (whole().uses(from, to), from, to.to_owned(), "dependencies");
    let dev = |from, to| (whole().dev(from, to), from, format!("(dev) {to}"), "dev-dependencies");
    let build = |from, to| (whole().build(from, to), from, format!("(build) {to}"), "build-dependencies");
    for ((toy, from, to, section), law) in [
        (plain("features-v1", "crates/base"), features),
        (build("features-v1", "crates/base"), features),
        (plain("features-v2", "features-v1"), features),
        (plain("features-v2", "bins/tool"), features),
        (dev("features-v2", "bins/tool"), features),
        (dev("features-v1", "xtask"), features),
        (plain("crates/testkit", "features-v1"), crates),
        (build("crates/testkit", "features-v2"), crates),
        (plain("crates/testkit", "bins/tool"), crates),
        (dev("crates/testkit", "bins/tool"), crates),
        (dev("crates/testkit", "xtask"), crates),
        (plain("bins/tool", "xtask"), bins),
        (dev("bins/tool", "xtask"), bins),
        (plain("xtask", "features-v1"), xtask),
        (build("xtask", "bins/tool"), xtask),
    ] {
        let name = to.rsplit(['/', ' ']).next().unwrap_or_default();
        let problem = [
            from.to_owned(),
            format!("{from} -> {to}; {law}"),
            format!("take {name:?} out of [{section}] of {from}/Cargo.toml"),
        ];
        assert_eq!(found(toy), [problem]);
    }
    for toy in [
        whole().dev("features-v1", "features-v2"),
        whole().dev("crates/testkit", "features-v1"),
        whole().uses("crates/testkit", "crates/feature-registry"),
        whole().dev("xtask", "features-v1"),
        whole().uses("bins/tool", "features-v2"),
        whole().dev("bins/bot", "xtask"),
        whole().dev("bins/bot", "features-v2"),
    ] {
        assert_eq!(found(toy), Vec::<[String; 3]>::new());
    }
}

#[test]
fn production_is_built_from_no_other_binary_and_not_from_xtask() {
    let advice = "what both need moves to a package under crates/";
    let problem = |path: &str, name: &str, section: &str, manifest: &str| {
        let target = path.rsplit(['>', ' ']).next().unwrap_or_default();
        [
            "bins/bot".to_owned(),
            format!("production is built from {target}: {path}"),
            format!("take {name:?} out of [{section}] of {manifest}/Cargo.toml; {advice}"),
        ]
    };
    assert_eq!(
        found(whole().uses("bins/bot", "bins/tool")),
        [problem("bins/bot -> bins/tool", "tool", "dependencies", "bins/bot")]
    );
    assert_eq!(
        found(whole().build("bins/bot", "xtask")),
        [problem("bins/bot -> (build) xtask", "xtask", "build-dependencies", "bins/bot")]
    );
    assert_eq!(
        found(whole().production("bins/second").uses("bins/bot", "bins/second")),
        [problem("bins/bot -> bins/second", "second", "dependencies", "bins/bot")]
    );
    let crates =
        "a crate uses crates; features only where it is feature-registry or in tests; no binary and no xtask";
    assert_eq!(
        found(whole().uses("crates/base", "bins/tool")),
        [
            problem("bins/bot -> crates/base -> bins/tool", "tool", "dependencies", "crates/base"),
            [
                "crates/base".to_owned(),
                format!("crates/base -> bins/tool; {crates}"),
                "take \"tool\" out of [dependencies] of crates/base/Cargo.toml".to_owned(),
            ],
        ]
    );
}

#[test]
fn this_workspace_has_no_problem() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let graph = crate::Workspace::open(&root).and_then(|workspace| crate::Graph::read(&workspace)).unwrap();
    assert_eq!(imports(&graph), []);
}
