//! Any bytes as a model file: header, tensor table, and where it opens, a few tokens.
//!
//! An input is the part before the tensor data. The data are added here, so that an input stays
//! small and every change to it is one to what is parsed.

#![no_main]

use std::cell::RefCell;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use libfuzzer_sys::fuzz_target;
use vivavoce::engine::{BackendKind, LoadOptions, Model, read_metadata};

/// Enough for the tensors of the tiny models in `seeds.py`.
const DATA: usize = 1 << 16;

struct Place {
    path: PathBuf,
    bytes: Vec<u8>,
    _folder: tempfile::TempDir,
}

thread_local! {
    static PLACE: RefCell<Place> = RefCell::new(Place::new());
}

fuzz_target!(|header: &[u8]| {
    PLACE.with_borrow_mut(|place| {
        place.write(header);
        if read_metadata(&place.path).is_ok() {
            for backend in [BackendKind::Tensor, BackendKind::Slices] {
                let threads = Some(NonZeroUsize::MIN);
                let options = LoadOptions { backend, threads, ..LoadOptions::default() };
                if let Ok(model) = Model::open(&place.path, &options) {
                    forward(&model);
                }
            }
        }
    });
});

/// Weights may be any numbers, but there are as many logits as tokens.
fn forward(model: &Model) {
    let vocabulary = model.info().vocabulary;
    let tokens: Vec<u32> = (0..3).map(|token| token % vocabulary as u32).collect();
    let mut cache = model.cache();
    match model.forward(&tokens, &mut cache, &[0, 2], &|| false) {
        Ok(logits) => assert!(logits.iter().all(|logits| logits.len() == vocabulary)),
        Err(error) => assert!(model.info().context_length < tokens.len(), "{error}"),
    }
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("there is a folder for temporary files");
        Self { path: folder.path().join("model.gguf"), bytes: Vec::new(), _folder: folder }
    }

    fn write(&mut self, header: &[u8]) {
        self.bytes.clear();
        self.bytes.extend_from_slice(header);
        // Small halves and floats, none of them infinite.
        self.bytes.extend((0..DATA).map(|n| (n % 61) as u8));
        std::fs::write(&self.path, &self.bytes).expect("the folder can be written to");
    }
}
