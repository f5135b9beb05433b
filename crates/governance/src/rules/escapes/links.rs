//! Symbolic links that lead out of their package.

use super::{Inputs, paths, problem};
use crate::Problem;

/// Links that lead out, and packages that are links themselves.
pub(super) fn problems(inputs: &Inputs) -> Vec<Problem> {
    let links = inputs.links.iter().filter_map(|link| match &link.folder {
        Some(folder) if paths::is_inside(&link.target, folder) => None,
        Some(_) => Some(problem(
            &link.path,
            format!("is a symbolic link to {}, outside of its package", link.target),
            "put the file itself in its place",
        )),
        None => Some(problem(
            &link.path,
            format!("is a symbolic link to {}, in the place of a folder of packages", link.target),
            "put the folder itself in its place",
        )),
    });
    links.collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Link, escapes};
    use super::*;

    #[test]
    fn a_link_stays_in_its_package() {
        let link = |path: &str, folder: Option<&str>, target: &str| {
            let link =
                Link { path: path.to_owned(), folder: folder.map(str::to_owned), target: target.to_owned() };
            let problems = escapes(&Inputs { links: vec![link], ..Inputs::default() });
            problems.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(link("crates/a/src/x.rs", Some("crates/a"), "crates/a/src/y.rs"), [""; 0]);
        assert_eq!(
            link("crates/a/src/x.rs", Some("crates/a"), "crates/ab/y.rs"),
            [
                "crates/a/src/x.rs: escapes: is a symbolic link to crates/ab/y.rs, outside of its package\n    \
              fix: put the file itself in its place"
            ]
        );
        assert_eq!(
            link("crates/a", None, "experiments/a"),
            [
                "crates/a: escapes: is a symbolic link to experiments/a, in the place of a folder of packages\n    \
              fix: put the folder itself in its place"
            ]
        );
    }
}
