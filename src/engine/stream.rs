//! Text as it is written, token by token.

/// Turns the bytes of tokens into text that may be shown at once.
///
/// Text is held back only where it has to be: bytes that begin a character until it is whole, and
/// characters that begin a stop string until they no longer can. A stop string and what follows
/// it are never given. What is not UTF-8 becomes U+FFFD, as soon as no byte could mend it.
#[derive(Debug, Clone, Default)]
pub struct TextStream {
    stops: Vec<String>,
    /// The beginning of a character.
    bytes: Vec<u8>,
    /// The beginning of a stop string, or of several.
    held: String,
    stopped: bool,
}

/// Where held text may be cut.
enum Cut {
    /// Nothing of it is, or begins, a stop string.
    Nowhere,
    /// From here on it may become a stop string.
    Maybe(usize),
    /// Here a stop string begins.
    Stop(usize),
}

impl TextStream {
    /// A stream that ends before the first of `stops`. Empty ones are ignored.
    pub fn new<S: Into<String>>(stops: impl IntoIterator<Item = S>) -> Self {
        let stops = stops.into_iter().map(Into::into).filter(|stop| !stop.is_empty()).collect();
        Self { stops, ..Self::default() }
    }

    /// Takes the bytes of a token, and gives the text that is ready.
    pub fn push(&mut self, bytes: &[u8]) -> Option<String> {
        if self.stopped {
            return None;
        }
        self.bytes.extend_from_slice(bytes);
        self.take_characters();
        let ready = match self.cut() {
            Cut::Nowhere => self.held.len(),
            Cut::Maybe(at) => at,
            Cut::Stop(at) => return self.stop(at),
        };
        some(self.held.drain(..ready).collect())
    }

    /// Gives what was held back: nothing more comes.
    pub fn finish(&mut self) -> Option<String> {
        if self.stopped {
            return None;
        }
        if !std::mem::take(&mut self.bytes).is_empty() {
            self.held.push(char::REPLACEMENT_CHARACTER);
        }
        match self.first_stop() {
            Some(at) => self.stop(at),
            None => some(std::mem::take(&mut self.held)),
        }
    }

    /// Whether a stop string was reached; nothing is given from then on.
    pub fn stopped(&self) -> bool {
        self.stopped
    }

    /// Moves whole characters from `bytes` to `held`, leaving the beginning of one.
    fn take_characters(&mut self) {
        let mut rest = self.bytes.as_slice();
        loop {
            let error = match std::str::from_utf8(rest) {
                Ok(text) => {
                    self.held.push_str(text);
                    rest = &[];
                    break;
                }
                Err(error) => error,
            };
            let (valid, after) = rest.split_at(error.valid_up_to());
            self.held.push_str(std::str::from_utf8(valid).expect("checked to be valid"));
            let Some(len) = error.error_len() else {
                rest = after;
                break;
            };
            self.held.push(char::REPLACEMENT_CHARACTER);
            rest = &after[len..];
        }
        self.bytes = rest.to_vec();
    }

    /// The first place that matters: an earlier stop string that is not whole yet goes before a
    /// later one that is, since it may still be the one that the text ends at.
    fn cut(&self) -> Cut {
        for (at, _) in self.held.char_indices() {
            let rest = &self.held[at..];
            if self.stops.iter().any(|stop| rest.starts_with(stop.as_str())) {
                return Cut::Stop(at);
            }
            if self.stops.iter().any(|stop| stop.starts_with(rest)) {
                return Cut::Maybe(at);
            }
        }
        Cut::Nowhere
    }

    fn first_stop(&self) -> Option<usize> {
        self.stops.iter().filter_map(|stop| self.held.find(stop.as_str())).min()
    }

    fn stop(&mut self, at: usize) -> Option<String> {
        self.stopped = true;
        let mut text = std::mem::take(&mut self.held);
        text.truncate(at);
        some(text)
    }
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::TextStream;
    use proptest::prelude::*;

    /// What a stream has to give in all: the text up to the first stop string.
    fn batch(bytes: &[u8], stops: &[String]) -> (String, bool) {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let stops = stops.iter().filter(|stop| !stop.is_empty());
        match stops.filter_map(|stop| text.find(stop.as_str())).min() {
            Some(at) => (text[..at].to_owned(), true),
            None => (text, false),
        }
    }

    fn streamed(parts: &[&[u8]], stops: &[String]) -> (String, bool) {
        let mut stream = TextStream::new(stops);
        let mut text: String = parts.iter().filter_map(|part| stream.push(part)).collect();
        text.extend(stream.finish());
        (text, stream.stopped())
    }

    #[test]
    fn punctuation_is_not_held_back() {
        let mut stream = TextStream::new(["\n\n"]);
        assert_eq!(stream.push(b"Why?").as_deref(), Some("Why?"));
        assert_eq!(stream.push(b" ").as_deref(), Some(" "));
    }

    #[test]
    fn a_character_comes_whole() {
        let mut stream = TextStream::new([""; 0]);
        let (first, second) = "é".as_bytes().split_at(1);
        assert_eq!(stream.push(first), None);
        assert_eq!(stream.push(second).as_deref(), Some("é"));
    }

    #[test]
    fn a_broken_character_is_given_up_once_it_cannot_be_mended() {
        let mut stream = TextStream::new([""; 0]);
        assert_eq!(stream.push(b"\xf0\x9f"), None);
        assert_eq!(stream.push(b"a").as_deref(), Some("\u{fffd}a"));
        assert_eq!(stream.push(b"\xff").as_deref(), Some("\u{fffd}"));
        assert_eq!(stream.push(b"\xe2"), None);
        assert_eq!(stream.finish().as_deref(), Some("\u{fffd}"));
    }

    #[test]
    fn a_stop_string_over_several_tokens_is_never_given() {
        let mut stream = TextStream::new(["<|im_end|>", "\nUser:"]);
        assert_eq!(stream.push(b"Right. <|").as_deref(), Some("Right. "));
        assert_eq!(stream.push(b"im_"), None);
        assert_eq!(stream.push(b"x").as_deref(), Some("<|im_x"));
        assert_eq!(stream.push(b"!\nUser").as_deref(), Some("!"));
        assert_eq!(stream.push(b": no"), None);
        assert!(stream.stopped());
        assert_eq!(stream.push(b"more"), None);
        assert_eq!(stream.finish(), None);
    }

    #[test]
    fn an_earlier_longer_stop_goes_before_a_later_shorter_one() {
        let stops = ["abcd".to_owned(), "bc".to_owned()];
        assert_eq!(streamed(&[b"xab", b"c", b"d"], &stops), ("x".to_owned(), true));
        assert_eq!(streamed(&[b"xab", b"c", b"e"], &stops), ("xa".to_owned(), true));
        assert_eq!(streamed(&[b"xab", b"c"], &stops), ("xa".to_owned(), true));
    }

    /// Few characters, so that stops are met, and one of three bytes among them.
    fn stops() -> impl Strategy<Value = Vec<String>> {
        proptest::collection::vec("[ab\u{2192}\u{fffd}]{0,4}", 0..4)
    }

    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            4 => "[ab\u{2192}]{1,3}".prop_map(String::into_bytes),
            1 => proptest::collection::vec(any::<u8>(), 0..3),
        ];
        proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn any_split_gives_what_the_whole_gives(
            bytes in bytes(),
            stops in stops(),
            sizes in proptest::collection::vec(1_usize..5, 1..8),
        ) {
            let mut parts = Vec::new();
            let mut rest = bytes.as_slice();
            for size in sizes.iter().cycle() {
                let (part, after) = rest.split_at((*size).min(rest.len()));
                parts.push(part);
                rest = after;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(streamed(&parts, &stops), batch(&bytes, &stops));
        }
    }
}
