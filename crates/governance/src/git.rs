//! What git knows of the repository, asked of the `git` program.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::Error;

/// A repository. Works in a worktree, with a detached HEAD, and where the workspace is a folder of a larger
/// repository: paths are relative to the workspace. What git says of a repository it does not trust is told as it is.
#[derive(Debug, Clone)]
pub struct Git {
    root: PathBuf,
}

/// A commit that added a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addition {
    /// The commit.
    pub commit: String,
    /// The file as the commit has it: the name of a blob.
    pub blob: String,
    /// Path from the root of the workspace.
    pub path: String,
}

impl Git {
    /// The repository at this root.
    #[must_use]
    pub fn at(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Runs `git ARGUMENTS` and gives what it prints, without the last line end.
    ///
    /// # Errors
    /// [`Error::Command`] where it cannot be started or fails.
    pub fn run(&self, arguments: &[&str]) -> Result<String, Error> {
        let bytes = self.bytes(arguments)?;
        Ok(String::from_utf8_lossy(&bytes).trim_end_matches('\n').to_owned())
    }

    /// As [`Git::run`], the bytes as printed.
    ///
    /// # Errors
    /// [`Error::Command`] where it cannot be started or fails.
    pub fn bytes(&self, arguments: &[&str]) -> Result<Vec<u8>, Error> {
        self.answer(arguments, String::new())
    }

    /// The commit checked out.
    ///
    /// # Errors
    /// [`Error::Command`] where this is no repository or nothing is committed yet.
    pub fn head(&self) -> Result<String, Error> {
        self.run(&["rev-parse", "--verify", "HEAD^{commit}"])
    }

    /// Whether the repository lacks a part of its history.
    ///
    /// # Errors
    /// [`Error::Command`] where this is no repository.
    pub fn is_shallow(&self) -> Result<bool, Error> {
        Ok(self.run(&["rev-parse", "--is-shallow-repository"])? == "true")
    }

    /// The commit that a name stands for; `None` where there is no such name.
    ///
    /// # Errors
    /// [`Error::Command`] where this is no repository.
    pub fn commit(&self, name: &str) -> Result<Option<String>, Error> {
        self.run(&["rev-parse", "--git-dir"])?;
        Ok(self.run(&["rev-parse", "--quiet", "--verify", &format!("{name}^{{commit}}")]).ok())
    }

    /// Whether there is any branch or tag: without one, and without a commit checked out, nothing is committed yet.
    ///
    /// # Errors
    /// [`Error::Command`] where this is no repository.
    pub fn has_refs(&self) -> Result<bool, Error> {
        Ok(!self.run(&["for-each-ref", "--count=1"])?.is_empty())
    }

    /// The commit of the branch that releases are made on: the one named, else `origin/main`, else `main`. No tag
    /// stands in the place of a branch, and no branch of this clone in the place of origin's.
    ///
    /// # Errors
    /// [`Error::Refused`] with the way to get it, where there is none.
    pub fn base(&self, named: Option<&str>) -> Result<String, Error> {
        let candidates = match named {
            Some(name) => {
                vec![format!("refs/remotes/{name}"), format!("refs/heads/{name}"), name.to_owned()]
            }
            None => vec!["refs/remotes/origin/main".to_owned(), "refs/heads/main".to_owned()],
        };
        for name in &candidates {
            if let Some(commit) = self.commit(name)? {
                return Ok(commit);
            }
        }
        let names = named.unwrap_or("origin/main or main");
        Err(Error::Refused(format!(
            "there is no branch {names}; get it: git fetch origin main:refs/remotes/origin/main"
        )))
    }

    /// The newest commit that HEAD and another commit have in common.
    ///
    /// # Errors
    /// [`Error::Command`] where there is none.
    pub fn merge_base(&self, commit: &str) -> Result<String, Error> {
        self.run(&["merge-base", "HEAD", commit])
    }

    /// Whether one commit is another, or came before it.
    ///
    /// # Errors
    /// [`Error::Command`] where there is no such commit.
    pub fn is_ancestor(&self, older: &str, newer: &str) -> Result<bool, Error> {
        // The answer "no" is an exit code 1, which is not to be told from a failure; so a count is asked.
        Ok(self.run(&["rev-list", "--count", "--max-count=1", older, &format!("^{newer}")])? == "0")
    }

    /// Every addition of a file below `folder` that is reachable by `revisions`, parents before children. Each side
    /// of a merge is followed, and a file that a merge itself adds counts.
    ///
    /// # Errors
    /// [`Error::Command`].
    pub fn additions(&self, revisions: &[&str], folder: &str) -> Result<Vec<Addition>, Error> {
        let mut arguments =
            vec!["-c", "core.quotePath=false", "-c", "log.showRoot=true", "-c", "log.follow=false"];
        arguments.extend([
            "log",
            "--format=%H",
            "--raw",
            "--no-abbrev",
            "--no-renames",
            "--no-color",
            "--relative",
        ]);
        arguments.extend(["--no-show-signature", "--full-history", "-m", "--topo-order", "--reverse"]);
        arguments.push("--diff-filter=A");
        arguments.extend(revisions);
        arguments.extend(["--", folder]);
        let mut commit = String::new();
        let mut additions = Vec::new();
        for line in self.run(&arguments)?.lines().filter(|line| !line.is_empty()) {
            // `:000000 100644 0000… BLOB A<tab>PATH`
            match line.strip_prefix(':').and_then(|entry| entry.split_once('\t')) {
                Some((entry, path)) => additions.push(Addition {
                    commit: commit.clone(),
                    blob: entry.split(' ').nth(3).unwrap_or_default().to_owned(),
                    path: path.to_owned(),
                }),
                None => line.clone_into(&mut commit),
            }
        }
        Ok(additions)
    }

    /// The content of blobs, each by its name or by `COMMIT:./PATH`; `None` for one that is not there.
    ///
    /// # Errors
    /// [`Error::Command`].
    pub fn blobs(&self, names: &[String]) -> Result<Vec<Option<Vec<u8>>>, Error> {
        let asked = names.iter().map(|name| format!("{name}\n")).collect();
        let answer = self.answer(&["cat-file", "--batch"], asked)?;
        let strange = || Error::Command {
            command: "git cat-file --batch".to_owned(),
            reason: "its answer is not as its manual says".to_owned(),
        };
        let mut rest = answer.as_slice();
        let mut contents = Vec::with_capacity(names.len());
        for _ in names {
            // `NAME blob SIZE`, the content and a line end; or `NAME missing`.
            let end = rest.iter().position(|byte| *byte == b'\n').ok_or_else(strange)?;
            let (head, after) = rest.split_at(end);
            rest = after.get(1..).ok_or_else(strange)?;
            let head = String::from_utf8_lossy(head);
            if head.ends_with(" missing") {
                contents.push(None);
                continue;
            }
            let size =
                head.rsplit(' ').next().and_then(|size| size.parse::<usize>().ok()).ok_or_else(strange)?;
            contents.push(Some(rest.get(..size).ok_or_else(strange)?.to_owned()));
            rest = rest.get(size + 1..).ok_or_else(strange)?;
        }
        Ok(contents)
    }

    /// The tags whose name begins so, each with the commit it stands for.
    ///
    /// # Errors
    /// [`Error::Command`].
    pub fn tags(&self, prefix: &str) -> Result<BTreeMap<String, String>, Error> {
        let pattern = format!("refs/tags/{prefix}*/*");
        // An annotated tag has the commit in `*objectname`.
        let format =
            "--format=%(refname:strip=2) %(if)%(*objectname)%(then)%(*objectname)%(else)%(objectname)%(end)";
        let text = self.run(&["for-each-ref", format, &pattern])?;
        let tags = text.lines().filter_map(|line| line.split_once(' '));
        Ok(tags.map(|(tag, commit)| (tag.to_owned(), commit.to_owned())).collect())
    }

    /// Files that are not as committed, with their two letters of `git status`, sorted by path: changed, new, gone.
    /// Ignored files are left out.
    ///
    /// # Errors
    /// [`Error::Command`].
    pub fn status(&self) -> Result<Vec<(String, String)>, Error> {
        let text = self.run(&[
            "status",
            "--porcelain=v1",
            "-z",
            "--untracked-files=all",
            "--no-renames",
            "--",
            ".",
        ])?;
        let prefix = self.run(&["rev-parse", "--show-prefix"])?;
        let entry = |entry: &str| {
            let (letters, path) = entry.split_at_checked(3)?;
            let path = path.strip_prefix(prefix.as_str()).unwrap_or(path);
            Some((path.to_owned(), letters.trim_end().to_owned()))
        };
        let mut files: Vec<_> = text.split('\0').filter_map(entry).collect();
        files.sort();
        Ok(files)
    }

    /// Files below `folder` that git is told to ignore.
    ///
    /// # Errors
    /// [`Error::Command`].
    pub fn ignored(&self, folder: &str) -> Result<Vec<String>, Error> {
        let text =
            self.run(&["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--", folder])?;
        Ok(text.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
    }

    /// Folders that hold nothing but what git is told to ignore, each with `/` at its end.
    ///
    /// # Errors
    /// [`Error::Command`].
    pub fn ignored_folders(&self) -> Result<BTreeSet<String>, Error> {
        let text =
            self.run(&["ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"])?;
        Ok(text.split('\0').filter(|path| path.ends_with('/')).map(str::to_owned).collect())
    }

    fn answer(&self, arguments: &[&str], input: String) -> Result<Vec<u8>, Error> {
        let failed = |reason| Error::Command { command: format!("git {}", arguments.join(" ")), reason };
        let io = |error: std::io::Error| failed(error.to_string());
        let mut child = self.command(arguments).spawn().map_err(io)?;
        let stdin = child.stdin.take();
        // Both pipes are served at once: neither side waits for the other.
        let writer = std::thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(input.as_bytes())));
        let output = child.wait_with_output().map_err(io)?;
        drop(writer.join());
        if output.status.success() {
            Ok(output.stdout)
        } else {
            Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.root).args(arguments);
        // The history as it is, not as `git replace` shows it; messages in English; the index is not refreshed.
        command.env("LC_ALL", "C").env("GIT_NO_REPLACE_OBJECTS", "1").env("GIT_OPTIONAL_LOCKS", "0");
        // A hook of git has these set, for the repository it runs in.
        for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
            command.env_remove(variable);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A repository with one commit on `main`.
    fn repository() -> (tempfile::TempDir, Git) {
        let folder = tempfile::tempdir().unwrap();
        let git = Git::at(folder.path());
        git.run(&["init", "--quiet", "--initial-branch=main"]).unwrap();
        for (key, value) in [
            ("user.name", "a"),
            ("user.email", "a@b.c"),
            ("commit.gpgSign", "false"),
            ("tag.gpgSign", "false"),
        ] {
            git.run(&["config", key, value]).unwrap();
        }
        commit(&git, "first");
        (folder, git)
    }

    fn commit(git: &Git, message: &str) -> String {
        git.run(&["add", "--all"]).unwrap();
        git.run(&["commit", "--quiet", "--allow-empty", "--message", message]).unwrap();
        git.head().unwrap()
    }

    #[test]
    fn commits_are_found_and_compared() {
        let (_folder, git) = repository();
        let first = git.head().unwrap();
        let second = commit(&git, "second");
        assert_eq!(git.commit("main").unwrap(), Some(second.clone()));
        assert_eq!(git.commit("nothing").unwrap(), None);
        assert!(!git.is_shallow().unwrap());
        for (older, newer, expected) in
            [(&first, &second, true), (&second, &first, false), (&first, &first, true)]
        {
            assert_eq!(git.is_ancestor(older, newer).unwrap(), expected);
        }
        git.run(&["checkout", "--quiet", "-b", "side", &first]).unwrap();
        commit(&git, "third");
        assert_eq!(git.merge_base(&second).unwrap(), first);
        assert_eq!(git.base(None).unwrap(), second);
        git.run(&["update-ref", "refs/remotes/origin/main", &first]).unwrap();
        assert_eq!(git.base(None).unwrap(), first);
        assert_eq!(git.base(Some("main")).unwrap(), second);
    }

    #[test]
    fn no_tag_or_branch_stands_in_the_place_of_the_base() {
        let (_folder, git) = repository();
        let first = git.head().unwrap();
        let second = commit(&git, "second");
        git.run(&["tag", "main", &first]).unwrap();
        git.run(&["update-ref", "refs/heads/origin/main", &first]).unwrap();
        git.run(&["tag", "origin/main", &first]).unwrap();
        assert_eq!(git.base(None).unwrap(), second);
        assert_eq!(git.base(Some("main")).unwrap(), second);
        git.run(&["update-ref", "refs/remotes/origin/main", &second]).unwrap();
        for named in [None, Some("origin/main")] {
            assert_eq!(git.base(named).unwrap(), second);
        }
        assert_eq!(git.base(Some("main~1")).unwrap(), first);
    }

    #[test]
    fn a_repository_has_refs_once_something_is_committed() {
        let folder = tempfile::tempdir().unwrap();
        let git = Git::at(folder.path());
        git.run(&["init", "--quiet"]).unwrap();
        assert!(!git.has_refs().unwrap());
        let (_folder, git) = repository();
        git.run(&["checkout", "--quiet", "--orphan", "other"]).unwrap();
        assert!(git.has_refs().unwrap());
        assert_eq!(git.commit("HEAD").unwrap(), None);
    }

    #[test]
    fn ignored_folders_hold_nothing_else() {
        let (folder, git) = repository();
        for name in ["out/a/file", "kept/tracked", "in/out/file", "new/file"] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "a").unwrap();
        }
        git.run(&["add", "kept"]).unwrap();
        std::fs::write(folder.path().join(".gitignore"), "out\nkept\n").unwrap();
        let found: Vec<String> = git.ignored_folders().unwrap().into_iter().collect();
        assert_eq!(found, ["in/", "in/out/", "out/"]);
    }

    #[test]
    fn what_git_says_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let error = Git::at(folder.path()).head().unwrap_err().to_string();
        assert!(
            error.starts_with("`git rev-parse --verify HEAD^{commit}` failed: fatal: not a git repository"),
            "{error}"
        );
        let error = Git::at(&folder.path().join("none")).head().unwrap_err().to_string();
        assert!(error.contains("cannot change to"), "{error}");
    }

    #[test]
    fn status_names_every_file_that_is_not_as_committed() {
        let (folder, git) = repository();
        for name in ["changed", "gone", "space and é", "kept", "in/staged"] {
            std::fs::create_dir_all(folder.path().join("in")).unwrap();
            std::fs::write(folder.path().join(name), "a").unwrap();
        }
        commit(&git, "files");
        assert_eq!(git.status().unwrap(), []);
        std::fs::write(folder.path().join("changed"), "bb").unwrap();
        std::fs::write(folder.path().join("space and é"), "bb").unwrap();
        std::fs::write(folder.path().join("in/staged"), "bb").unwrap();
        git.run(&["add", "in/staged"]).unwrap();
        std::fs::remove_file(folder.path().join("gone")).unwrap();
        std::fs::create_dir(folder.path().join("new")).unwrap();
        std::fs::write(folder.path().join("new/file"), "a").unwrap();
        std::fs::write(folder.path().join(".gitignore"), "ignored\n").unwrap();
        std::fs::write(folder.path().join("ignored"), "a").unwrap();
        let expected = [
            (".gitignore", "??"),
            ("changed", " M"),
            ("gone", " D"),
            ("in/staged", "M"),
            ("new/file", "??"),
            ("space and é", " M"),
        ];
        assert_eq!(
            git.status().unwrap(),
            expected.map(|(path, letters)| (path.to_owned(), letters.to_owned()))
        );
        assert_eq!(git.ignored(".").unwrap(), ["ignored"]);
        let inner = Git::at(&folder.path().join("in"));
        assert_eq!(inner.status().unwrap(), [("staged".to_owned(), "M".to_owned())]);
    }

    #[test]
    fn blobs_are_read_by_name_and_by_commit_and_path() {
        let (folder, git) = repository();
        let large = "0123456789\n".repeat(50_000);
        std::fs::write(folder.path().join("large"), &large).unwrap();
        std::fs::write(folder.path().join("empty"), "").unwrap();
        let head = commit(&git, "files");
        let blob = git.run(&["rev-parse", "HEAD:large"]).unwrap();
        let names = [format!("{head}:./large"), format!("{head}:./none"), blob, format!("{head}:./empty")];
        let expected = [Some(large.as_bytes()), None, Some(large.as_bytes()), Some(&b""[..])];
        let found = git.blobs(&names).unwrap();
        assert!(found.iter().map(Option::as_deref).eq(expected));
        // More names than a pipe holds, and more answers.
        let many: Vec<String> = std::iter::repeat_n(format!("{head}:./large"), 3_000).collect();
        assert_eq!(git.blobs(&many[..20]).unwrap().len(), 20);
        let missing = vec![format!("{head}:./none"); 3_000];
        assert_eq!(git.blobs(&missing).unwrap(), vec![None; 3_000]);
    }

    #[test]
    fn tags_are_commits_annotated_or_not() {
        let (_folder, git) = repository();
        let head = git.head().unwrap();
        git.run(&["tag", "features-v1/1.0.0"]).unwrap();
        git.run(&["tag", "--annotate", "--message=x", "features-v2/2.0.0"]).unwrap();
        git.run(&["tag", "other"]).unwrap();
        let tags = git.tags("features-v").unwrap();
        assert_eq!(
            tags.into_iter().collect::<Vec<_>>(),
            ["features-v1/1.0.0", "features-v2/2.0.0"].map(|tag| (tag.to_owned(), head.clone()))
        );
    }
}
