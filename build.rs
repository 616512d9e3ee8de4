//! Makes sure that the folders of the built front ends exist, so that the server builds without
//! them, and that a release holds their newest files.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    for folder in ["widget/dist", "widget/demo", "console/dist"] {
        if let Err(error) = std::fs::create_dir_all(folder) {
            println!("cargo::warning={folder} could not be made: {error}");
        }
        // Other builds read the files when they run.
        if release {
            println!("cargo::rerun-if-changed={folder}");
        }
    }
}
