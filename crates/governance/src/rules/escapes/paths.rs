//! Paths as texts: where they lead, whether anything is there or not.

/// Where `path` leads when named from `folder`: relative to the root with `/`; absolute where outside.
pub(super) fn resolve(root: &str, folder: &str, path: &str) -> String {
    let path = path.replace('\\', "/");
    let whole = if path.starts_with('/') { path } else { format!("{root}/{folder}/{path}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    relative(root, &format!("/{}", parts.join("/")))
}

/// An absolute path, relative to the root where it lies inside.
pub(super) fn relative(root: &str, path: &str) -> String {
    match path.strip_prefix(root).map(|rest| rest.strip_prefix('/').unwrap_or(rest)) {
        Some(inside)
            if path.len() == root.len()
                || path.get(root.len()..).is_some_and(|rest| rest.starts_with('/')) =>
        {
            inside.to_owned()
        }
        _ => path.to_owned(),
    }
}

/// Whether a path is `folder` or lies in it.
pub(super) fn is_inside(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The folder of a file.
pub(super) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Whether a resolved path lies in `experiments/` of this workspace, or of another one.
pub(super) fn is_experiment(path: &str) -> bool {
    let mut parts = path.split('/');
    if path.starts_with('/') { parts.any(is_experiments) } else { parts.next().is_some_and(is_experiments) }
}

/// Whether a text, such as a command or a list of flags, has a path with the part `experiments`.
pub(super) fn names_experiments(text: &str) -> bool {
    let mut parts = text.split(|letter: char| letter.is_whitespace() || "/\\=:;,'\"()[]{}".contains(letter));
    // `-Lfolder`, `-Ifolder`.
    parts.any(|part| is_experiments(part.strip_prefix("-L").or(part.strip_prefix("-I")).unwrap_or(part)))
}

/// Whether a word of a text, such as a command, is a path with the part `experiments`; a sentence that speaks of
/// experiments is none.
pub(super) fn holds_path_into_experiments(text: &str) -> bool {
    text.split_whitespace().any(|word| word.contains(['/', '\\']) && names_experiments(word))
}

/// Folders of some systems make no difference between capitals and others.
fn is_experiments(part: &str) -> bool {
    part.eq_ignore_ascii_case("experiments")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_somewhere() {
        for (folder, path, expected) in [
            ("crates/a/src", "x.rs", "crates/a/src/x.rs"),
            ("crates/a/src", "../../../experiments/x.rs", "experiments/x.rs"),
            ("crates/a/src", "..\\..\\b\\x.rs", "crates/b/x.rs"),
            ("", "./a//b", "a/b"),
            ("crates", "../../repo/experiments", "experiments"),
            ("crates", "../../repository/x", "/home/repository/x"),
            ("crates", "/home/repo/crates/b", "crates/b"),
            ("crates", "/etc/passwd", "/etc/passwd"),
            ("crates", "../../../../../..", "/"),
            ("crates", "..", ""),
        ] {
            assert_eq!(resolve("/home/repo", folder, path), expected, "{folder} {path}");
        }
    }

    #[test]
    fn inside_is_by_whole_names() {
        assert!(is_inside("crates/a/x", "crates/a") && is_inside("crates/a", "crates/a"));
        assert!(!is_inside("crates/ab", "crates/a") && !is_inside("crates", "crates/a"));
    }

    #[test]
    fn experiments_are_the_folder_of_the_root() {
        for (path, expected) in [
            ("experiments", true),
            ("Experiments/lab", true),
            ("crates/a/src/experiments", false),
            ("experiments-old", false),
            ("/elsewhere/experiments/x", true),
            ("/elsewhere/x", false),
        ] {
            assert_eq!(is_experiment(path), expected, "{path}");
        }
        for (text, expected) in [
            ("cat ../../experiments/x", true),
            ("-Lnative=../experiments", true),
            ("experiments", true),
            ("experimentsx/a", false),
            ("my-experiments/a", false),
        ] {
            assert_eq!(names_experiments(text), expected, "{text}");
        }
    }
}
