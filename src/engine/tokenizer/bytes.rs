//! The alphabet of byte-level vocabularies: one printable character for each byte.
//!
//! Bytes that print as themselves in Latin-1 do; the others, in order, are the characters from
//! U+0100 on. So a space is `Ġ` and a newline `Ċ`.

const OTHERS: u32 = 0x100;

const fn prints(byte: u8) -> bool {
    matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff)
}

/// Both directions of the alphabet.
#[derive(Debug)]
pub(super) struct Alphabet {
    chars: [char; 256],
    /// The bytes whose characters begin at [`OTHERS`], in order.
    others: Vec<u8>,
}

impl Alphabet {
    pub(super) fn new() -> Self {
        let others: Vec<u8> = (0..=u8::MAX).filter(|&b| !prints(b)).collect();
        let mut chars: [char; 256] = std::array::from_fn(|b| char::from(b as u8));
        for (&byte, c) in others.iter().zip('\u{100}'..) {
            chars[usize::from(byte)] = c;
        }
        Self { chars, others }
    }

    /// The characters, one for each byte in order.
    pub(super) fn letters(&self) -> impl Iterator<Item = char> {
        self.chars.iter().copied()
    }

    /// Adds the bytes that `token` spells to `out`. A character outside the alphabet stands for
    /// itself.
    pub(super) fn bytes(&self, token: &str, out: &mut Vec<u8>) {
        for c in token.chars() {
            match self.byte(c) {
                Some(byte) => out.push(byte),
                None => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
    }

    fn byte(&self, c: char) -> Option<u8> {
        match u8::try_from(c) {
            Ok(byte) => prints(byte).then_some(byte),
            Err(_) => self.others.get((u32::from(c) - OTHERS) as usize).copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Alphabet;

    #[test]
    fn space_and_newline_are_the_known_letters() {
        let letters: Vec<char> = Alphabet::new().letters().collect();
        let spelled: String = " a\né".bytes().map(|byte| letters[usize::from(byte)]).collect();
        assert_eq!(spelled, "ĠaĊÃ©");
    }

    #[test]
    fn every_byte_has_a_letter_of_its_own() {
        let alphabet = Alphabet::new();
        let letters: String = alphabet.letters().collect();
        let mut bytes = Vec::new();
        alphabet.bytes(&letters, &mut bytes);
        assert_eq!(bytes, (0..=u8::MAX).collect::<Vec<_>>());
    }

    #[test]
    fn a_character_outside_the_alphabet_is_itself() {
        let mut bytes = Vec::new();
        Alphabet::new().bytes("語 ", &mut bytes);
        assert_eq!(bytes, "語 ".as_bytes());
    }
}
