//! Why something could not be read, run or done.

use std::path::PathBuf;

/// Why something could not be read, run or done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        error: std::io::Error,
    },
    /// A file that is not what it should be.
    #[error("{}: {reason}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What was expected and what was found.
        reason: String,
    },
    /// A command that cannot be started or fails.
    #[error("`{command}` failed: {reason}")]
    Command {
        /// The command line.
        command: String,
        /// What it said, or why it cannot be started.
        reason: String,
    },
    /// The source of a feature version.
    #[error(transparent)]
    Source(#[from] feature_api::identity::SourceError),
    /// Something that is asked for and must not be done.
    #[error("{0}")]
    Refused(String),
}

impl Error {
    /// An error of the file system.
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |error| Self::Io { path, error }
    }
}

/// What cargo says of a failure, at most twelve lines: its first errors, without hints, waiting and what follows from
/// them.
pub(crate) fn cargo_error(stderr: &str) -> String {
    const LINES: usize = 12;
    let lines: Vec<&str> = stderr.trim().lines().collect();
    let first = lines.iter().position(|line| line.starts_with("error")).unwrap_or_default();
    let follows = |line: &str| {
        let starts = [
            "error: failed to run custom build command",
            "error: could not compile",
            "warning: build failed",
        ];
        starts.iter().any(|start| line.starts_with(start))
    };
    let errors = lines.iter().skip(first).enumerate();
    let errors = errors.take_while(|(index, line)| *index == 0 || !line.is_empty() && !follows(line));
    errors.map(|(_, line)| *line).take(LINES).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::cargo_error;

    #[test]
    fn the_first_errors_are_kept_and_what_follows_from_them_is_not() {
        for (stderr, expected) in [
            (
                "    Blocking waiting for file lock\nerror: a@1.0.0: is released\nerror: a@1.0.0: undo it\n\
                 error: failed to run custom build command for `a`\n\nCaused by:\n  x\n",
                "error: a@1.0.0: is released\nerror: a@1.0.0: undo it",
            ),
            (
                "warning: unused\n\nerror[E0433]: cannot find `x`\n --> a.rs:1:2\n\nerror: could not compile `a`\n",
                "error[E0433]: cannot find `x`\n --> a.rs:1:2",
            ),
            (
                "error: failed to run custom build command for `a`\n  it panicked\n",
                "error: failed to run custom build command for `a`\n  it panicked",
            ),
            ("no such file", "no such file"),
            ("", ""),
        ] {
            assert_eq!(cargo_error(stderr), expected);
        }
        assert_eq!(cargo_error(&"error: x\n".repeat(20)).lines().count(), 12);
    }
}
