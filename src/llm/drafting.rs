//! Writing text after a prefix, token by token.

use tokio::sync::mpsc;

use crate::engine::{Sampler, SamplerOptions, TextStream};

use super::DraftRequest;
use super::lane::Halt;
use super::worker::At;

impl At<'_> {
    /// Writes what is asked for; its pieces go to `stream` as they are ready.
    pub(super) fn draft(
        &mut self,
        request: &DraftRequest,
        stream: Option<&mpsc::UnboundedSender<String>>,
        stop: &dyn Fn() -> bool,
    ) -> Result<String, Halt> {
        let tail = self.tail(&request.tail, request.max_tokens)?;
        self.begin(stop)?;
        let (lane, model) = self.lane();
        let mut logits = lane.push(model, &tail.tokens, stop)?;
        let mut sampler = Sampler::new(sampler_options(request));
        let mut decoded = TextStream::new(request.stop.iter().cloned());
        let (mut text, mut written) = (String::new(), Vec::new());
        let mut emit = |piece: Option<String>| {
            let Some(piece) = piece else { return };
            if let Some(stream) = stream {
                // Nobody listening any more is seen by `stop`.
                let _ = stream.send(piece.clone());
            }
            text.push_str(&piece);
        };
        for _ in 0..request.max_tokens {
            let token = sampler.sample(&logits, &written);
            if self.worker.frame.tokenizer().is_end(token) {
                break;
            }
            written.push(token);
            emit(decoded.push(self.worker.frame.tokenizer().token_bytes(token)));
            if decoded.stopped() {
                break;
            }
            let (lane, model) = self.lane();
            logits = lane.push(model, &[token], stop)?;
        }
        emit(decoded.finish());
        Ok(text)
    }
}

fn sampler_options(request: &DraftRequest) -> SamplerOptions {
    let sampling = request.sampling;
    SamplerOptions {
        temperature: sampling.temperature,
        top_p: sampling.top_p,
        min_p: sampling.min_p,
        repetition_penalty: sampling.repetition_penalty,
        seed: sampling.seed.0,
        ..SamplerOptions::default()
    }
}
