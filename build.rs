//! Rebuilds when a file joins or leaves the folders built into the program: the compiler is told
//! of changes within such files only.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=knowledge");
}
