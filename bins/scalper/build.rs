//! Tells the program which commit and which compiler it comes from.

fn main() {
    build_info::tell();
}
