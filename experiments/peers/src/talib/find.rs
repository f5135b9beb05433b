//! Where the TA-Lib C library lies.
//!
//! The PyPI wheel `TA-Lib` carries the C library as a shared object of its own, beside the Python extension.
//! It is opened and called directly; Python only says where it is.

use std::path::PathBuf;
use std::process::Command;

/// Names the library itself, where it does not come from the wheel.
pub const VARIABLE: &str = "TA_LIB_C";
/// What to do where there is none.
pub const ADVICE: &str = "pip install TA-Lib numpy (0.8 or newer), or name the library in TA_LIB_C";

/// Prints the path of the wheel's library.
const SCRIPT: &str = "
import importlib.util, pathlib, sys
spec = importlib.util.find_spec('talib')
if spec is None:
    sys.exit('there is no module talib')
package = pathlib.Path(spec.origin).parent
folders = [package.parent / 'ta_lib.libs', package / '.dylibs']
found = [file for folder in folders for file in folder.glob('libta*')]
if not found:
    sys.exit(f'no C library beside {package}')
print(found[0])
";

/// The interpreter: `PYTHON`, else `python3`.
#[must_use]
pub fn python() -> String {
    std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

/// The C library, named by `TA_LIB_C` or found in the wheel.
///
/// # Errors
/// Why there is none.
pub fn library() -> Result<PathBuf, String> {
    if let Ok(path) = std::env::var(VARIABLE) {
        return Ok(PathBuf::from(path));
    }
    let interpreter = python();
    let output = Command::new(&interpreter)
        .args(["-c", SCRIPT])
        .output()
        .map_err(|error| format!("{interpreter} does not start: {error}"))?;
    if output.status.success() {
        Ok(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}
