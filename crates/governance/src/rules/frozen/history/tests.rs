//! The ledger in throw-away repositories.

use super::*;
use std::path::Path;

const PATH: &str = "releases/features-v1-1.0.0.toml";

/// A repository in a temporary folder.
struct Repository {
    folder: tempfile::TempDir,
}

impl Repository {
    fn new() -> Self {
        let repository = Self { folder: tempfile::tempdir().unwrap() };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository.write("README.md", "a workspace\n");
        repository.commit();
        repository
    }

    /// With one release.
    fn released() -> Self {
        let repository = Self::new();
        repository.write(PATH, "one\n");
        repository.write("features-v1/SHA256SUMS", "sums\n");
        repository.commit();
        repository
    }

    fn root(&self) -> &Path {
        self.folder.path()
    }

    fn git(&self, arguments: &[&str]) -> String {
        git(self.root(), arguments)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn commit(&self) -> String {
        self.git(&["add", "--all", "--force"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message=x"]);
        self.git(&["rev-parse", "HEAD"])
    }

    fn problems(&self) -> Vec<String> {
        problems(self.root(), None)
    }
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = std::process::Command::new("git")
        .arg("-C")
        .arg(folder)
        .args([
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@b.c",
            "-c",
            "commit.gpgSign=false",
            "-c",
            "tag.gpgSign=false",
        ])
        .args(["-c", "protocol.file.allow=always", "-c", "advice.detachedHead=false"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn texts_of(root: &Path) -> BTreeMap<String, String> {
    let Ok(entries) = std::fs::read_dir(root.join(FOLDER)) else { return BTreeMap::new() };
    let text = |entry: std::fs::DirEntry| {
        let text = std::fs::read_to_string(entry.path()).unwrap().replace("\r\n", "\n");
        (format!("{FOLDER}/{}", entry.file_name().to_str().unwrap()), text)
    };
    entries.map(|entry| text(entry.unwrap())).collect()
}

/// The problems of the ledger at `root`, as `place: reason [fix]`.
fn problems(root: &Path, base: Option<&str>) -> Vec<String> {
    let texts = texts_of(root);
    let problems = match History::read(&Git::at(root), &texts, base) {
        Ok(history) => history.problems(&texts),
        Err(problem) => vec![problem],
    };
    problems
        .iter()
        .map(|problem| format!("{}: {} [{}]", problem.place, problem.reason, problem.fix))
        .collect()
}

fn edited(commit: &str) -> String {
    let commit = short(commit);
    format!(
        "{PATH}: a record never changes, but differs from what commit {commit} added: line 1: expected `one`, found \
         `two` [undo it: git checkout {commit} -- {PATH}]"
    )
}

#[test]
fn a_release_is_the_commit_that_added_it() {
    let repository = Repository::released();
    let commit = repository.git(&["rev-parse", "HEAD"]);
    repository.git(&["tag", "--annotate", "--message=x", "features-v1/1.0.0"]);
    repository.write(PATH, "one\r\n");
    assert_eq!(repository.problems(), Vec::<String>::new());
    let history = History::read(&Git::at(repository.root()), &texts_of(repository.root()), None).unwrap();
    let made = &history.releases[PATH];
    assert_eq!(
        (made.commit(), made.text.as_str(), made.sums.as_deref()),
        (commit.as_str(), "one\n", Some("sums\n"))
    );
    // On a detached HEAD, in a worktree, on a branch behind, beside a record that is not committed yet.
    repository.git(&["checkout", "--quiet", "--detach"]);
    assert_eq!(repository.problems(), Vec::<String>::new());
    let tree = repository.root().join("tree");
    repository.git(&["worktree", "add", "--quiet", "tree"]);
    assert_eq!(problems(&tree, None), Vec::<String>::new());
    std::fs::write(tree.join(PATH), "two\n").unwrap();
    assert_eq!(problems(&tree, None), [edited(&commit)]);
    repository.git(&["checkout", "--quiet", "--force", "main~1"]);
    assert_eq!(repository.problems(), Vec::<String>::new());
    repository.git(&["checkout", "--quiet", "main"]);
    repository.write("releases/features-v1-1.0.1.toml", "new");
    assert_eq!(repository.problems(), Vec::<String>::new());
}

#[test]
fn an_edit_is_told_wherever_it_was_committed_and_undoing_it_is_enough() {
    let repository = Repository::released();
    let commit = repository.git(&["rev-parse", "HEAD"]);
    repository.write(PATH, "two\n");
    assert_eq!(repository.problems(), [edited(&commit)]);
    repository.commit(); // on main
    assert_eq!(repository.problems(), [edited(&commit)]);
    repository.git(&["rm", "--quiet", PATH]);
    repository.commit();
    let gone = format!(
        "{PATH}: the ledger is append-only, but this record, added by commit {0}, is gone [undo it: git checkout {0} -- {PATH}]",
        short(&commit)
    );
    assert_eq!(repository.problems(), [gone]);
    repository.write(PATH, "two\n");
    repository.commit(); // added a second time, with another text
    assert_eq!(repository.problems(), [edited(&commit)]);
    repository.write(PATH, "one\n");
    assert_eq!(repository.problems(), Vec::<String>::new());
}

#[test]
fn a_branch_that_makes_the_release_anew_is_told() {
    let repository = Repository::released();
    let main = repository.git(&["rev-parse", "HEAD"]);
    repository.git(&["checkout", "--quiet", "-b", "other", "main~1"]);
    repository.write(PATH, "two\n");
    let rival = |first: &str, second: &str| {
        format!(
            "{PATH}: was added with one text by commit {} and with another by commit {}: two releases of one version \
             [keep the release that was used, and make the other one a new version: cargo xtask new-version]",
            short(first),
            short(second)
        )
    };
    // Before it is committed main's release is the only one.
    assert_eq!(repository.problems(), [edited(&main)]);
    let other = repository.commit();
    assert_eq!(repository.problems(), [rival(&other, &main)]);
    // Merged so that main's text is gone: the history still has it.
    repository.git(&["merge", "--quiet", "--strategy=ours", "--message=x", "main"]);
    assert_eq!(repository.problems().len(), 1);
    assert!(repository.problems()[0].contains("two releases of one version"));
    repository.git(&["branch", "--force", "main", "other"]);
    assert!(repository.problems()[0].contains("two releases of one version"));
}

#[test]
fn a_record_that_a_merge_itself_adds_counts() {
    let repository = Repository::new();
    repository.git(&["checkout", "--quiet", "-b", "other"]);
    repository.commit();
    repository.git(&["checkout", "--quiet", "main"]);
    repository.git(&["merge", "--quiet", "--no-ff", "--no-commit", "other"]);
    repository.write(PATH, "one\n");
    let merge = repository.commit();
    assert_eq!(repository.git(&["rev-list", "--count", "--merges", "HEAD"]), "1");
    repository.write(PATH, "two\n");
    assert_eq!(repository.problems(), [edited(&merge)]);
}

#[test]
fn a_tag_stands_for_the_commit_that_added_the_record() {
    let repository = Repository::released();
    let commit = repository.git(&["rev-parse", "HEAD"]);
    let later = repository.commit();
    repository.git(&["tag", "features-v1/1.0.0"]);
    let (commit, later) = (short(&commit), short(&later));
    assert_eq!(
        repository.problems(),
        [format!(
            "{PATH}: the tag features-v1/1.0.0 is at commit {later}, but the record was added by commit {commit} \
             [put the tag back: git tag --force --annotate --message features-v1/1.0.0 features-v1/1.0.0 {commit}]"
        )]
    );
    repository.git(&["tag", "--force", "features-v1/1.0.0", commit]);
    assert_eq!(repository.problems(), Vec::<String>::new());
    // A release that was taken out of the history, and is made once more.
    repository.git(&["reset", "--quiet", "--hard", &format!("{commit}~1")]);
    repository.write(PATH, "two\n");
    assert_eq!(
        repository.problems(),
        [format!(
            "{PATH}: the tag features-v1/1.0.0 is at commit {commit}, but no commit on the way to HEAD or main added the \
             record [features-v1 1.0.0 is released there: take its record (git checkout {commit} -- {PATH}), or delete \
             the tag (git tag --delete features-v1/1.0.0)]"
        )]
    );
}

#[test]
fn an_ignored_record_is_told() {
    let repository = Repository::released();
    repository.write(".gitignore", "/releases\n");
    repository.write("releases/features-v2-2.0.0.toml", "new");
    assert_eq!(
        repository.problems(),
        [
            "releases/features-v2-2.0.0.toml: git is told to ignore this record, so no history keeps it [remove it from \
          .gitignore and commit it: git add --force releases/features-v2-2.0.0.toml]"
        ]
    );
}

#[test]
fn a_shallow_clone_is_a_problem() {
    let clone = |of: &Repository, folder: &Path| {
        let url = format!("file://{}", of.root().display());
        git(of.root(), &["clone", "--quiet", "--depth=1", &url, folder.to_str().unwrap()]);
    };
    let folder = tempfile::tempdir().unwrap();
    clone(&Repository::released(), &folder.path().join("a"));
    clone(&Repository::new(), &folder.path().join("b"));
    let shallow = "releases: this is a shallow clone: releases cannot be compared with the commits that made them \
                   [git fetch --unshallow (in CI: check out with the whole history, fetch-depth 0)]";
    assert_eq!(problems(&folder.path().join("a"), None), [shallow]);
    std::fs::remove_dir_all(folder.path().join("a/releases")).unwrap();
    assert_eq!(problems(&folder.path().join("a"), None), [shallow]);
    // Without a record in HEAD: whether there never was one is not to be told.
    let undone = Repository::released();
    undone.git(&["rm", "--quiet", PATH]);
    undone.commit();
    clone(&undone, &folder.path().join("c"));
    for name in ["b", "c"] {
        assert_eq!(problems(&folder.path().join(name), None), [shallow]);
    }
}

#[test]
fn a_branch_without_a_commit_is_compared_with_main() {
    let repository = Repository::released();
    let commit = repository.git(&["rev-parse", "HEAD"]);
    repository.git(&["checkout", "--quiet", "--orphan", "other"]);
    assert_eq!(repository.problems(), Vec::<String>::new());
    repository.write(PATH, "two\n");
    assert_eq!(repository.problems(), [edited(&commit)]);
    repository.git(&["rm", "--quiet", "--force", PATH]);
    let commit = short(&commit);
    assert_eq!(
        repository.problems(),
        [format!(
            "{PATH}: the ledger is append-only, but this record, added by commit {commit}, is gone [undo it: git \
             checkout {commit} -- {PATH}]"
        )]
    );
    repository.git(&["branch", "--move", "main", "trunk"]);
    assert_eq!(
        repository.problems(),
        ["releases: releases cannot be compared with main: there is no branch origin/main or main; get it: \
          git fetch origin main:refs/remotes/origin/main [get the branch as said, or name another one with --base]"]
    );
}

#[test]
fn a_repository_without_main_is_a_problem_where_there_are_releases() {
    let repository = Repository::released();
    repository.git(&["branch", "--move", "trunk"]);
    assert_eq!(
        repository.problems(),
        ["releases: releases cannot be compared with main: there is no branch origin/main or main; get it: \
          git fetch origin main:refs/remotes/origin/main [get the branch as said, or name another one with --base]"]
    );
    assert_eq!(problems(repository.root(), Some("trunk")), Vec::<String>::new());
    assert!(problems(repository.root(), Some("--all"))[0].contains("there is no branch --all;"));
    let repository = Repository::new();
    repository.git(&["branch", "--move", "trunk"]);
    assert_eq!(repository.problems(), Vec::<String>::new());
}

#[test]
fn without_a_repository_a_release_is_a_problem() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(problems(folder.path(), None), Vec::<String>::new());
    std::fs::create_dir(folder.path().join(FOLDER)).unwrap();
    std::fs::write(folder.path().join(PATH), "one\n").unwrap();
    let found = problems(folder.path(), None);
    let expected = "releases: cannot be compared with the history: `git rev-parse --git-dir` failed: fatal: not a git repository";
    assert!(found.len() == 1 && found[0].starts_with(expected), "{found:?}");
    // Before the first commit nothing can have changed since.
    git(folder.path(), &["init", "--quiet"]);
    assert_eq!(problems(folder.path(), None), Vec::<String>::new());
}

#[test]
fn the_workspace_may_be_a_folder_of_the_repository() {
    let repository = Repository::new();
    repository.write(&format!("inner/{PATH}"), "one\n");
    repository.write("inner/features-v1/SHA256SUMS", "sums\n");
    repository.write(PATH, "another workspace's\n");
    let commit = repository.commit();
    let inner = repository.root().join("inner");
    assert_eq!(problems(&inner, None), Vec::<String>::new());
    let history = History::read(&Git::at(&inner), &texts_of(&inner), None).unwrap();
    assert_eq!(history.releases[PATH].sums.as_deref(), Some("sums\n"));
    std::fs::write(inner.join(PATH), "two\n").unwrap();
    assert_eq!(problems(&inner, None), [edited(&commit)]);
}

#[test]
fn a_replaced_commit_does_not_hide_the_history() {
    let repository = Repository::released();
    let commit = repository.git(&["rev-parse", "HEAD"]);
    repository.write(PATH, "two\n");
    repository.git(&["add", "--all"]);
    repository.git(&["commit", "--quiet", "--amend", "--message=y"]);
    let forged = repository.git(&["rev-parse", "HEAD"]);
    repository.git(&["reset", "--quiet", "--hard", &commit]);
    repository.git(&["replace", &commit, &forged]);
    repository.write(PATH, "two\n");
    assert_eq!(repository.problems(), [edited(&commit)]);
}

#[test]
fn only_records_of_releases_are_records() {
    for (path, expected) in [
        (PATH, true),
        ("releases/features-v12-12.3.40.toml", true),
        ("releases/features-v1-2.0.0.toml", false),
        ("releases/features-v1-1.0.0-rc.1.toml", false),
        ("releases/README.md", false),
        ("releases/old/features-v1-1.0.0.toml", false),
        ("features-v1-1.0.0.toml", false),
    ] {
        assert_eq!(is_record(path), expected, "{path}");
    }
    assert_eq!(split(PATH), Some(("features-v1", semver::Version::new(1, 0, 0))));
}
