//! Tells cargo that the embedded folders are inputs: new files in them do not show otherwise.

fn main() {
    for folder in ["../../norms", "../../cities", "../../web/dist"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
