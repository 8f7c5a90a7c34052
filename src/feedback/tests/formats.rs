//! What the renderings look like.

use super::*;
use crate::domain::{ModelCard, Purpose, Seed, Transcript};

fn plain(view: &View, width: usize) -> String {
    terminal::render(view, Style { color: false, width })
}

#[test]
fn terminal_at_eighty_columns() {
    insta::assert_snapshot!(plain(&view(), 80), @r"
    Feedback: Tell me about a design decision that came back to bite you.
    Score 2.0 of 5: looked for 1 of 2 (counts twice), structure 0.5 of 2, key points
    0 of 1; 1 unsure left out; −0.25 for mistakes said

    What interviewers look for (1 of 3 shown, 1 missing, 1 unsure)
     1 ✓ met: Found the cause by evidence.
         “A profiler showed the waits, so I split the pool.”
     2 ✗ missing (disputed): Puts a number on the outcome.
         → Give one value before and one after, with the unit.
     3 ? unsure: Gives the reason behind a choice.
         → After each choice say 'because'.

    Structure: STAR (0 of 2 shown, 1 partly, 1 missing)
     4 ~ partly: Situation. Where it happened.
         “Our pool of connections ran dry every Monday.”
         → Set the scene.
     5 ✗ missing: Result. How it ended.
         → Say how it ended.

    Points worth making (0 of 1 shown, 1 missing)
     6 ✗ missing: Explains the pool's size.
         → Say how many connections, and why.

    Mistakes
     7 ! said: Blames others.
         “It was ops' fault, really.”
         → Say what you could have caught.
     8 ! omitted: Leaves the damage without a figure.
         → Give one figure.

    Delivery
      23 words, about 0.2 of 6 minutes, 0 numbers, I 50% of I and we, 0 fillers

    Next
      → Give one value before and one after, with the unit.
      → Say how it ended.
      → Say what you could have caught.
    ");
}

#[test]
fn terminal_at_forty_columns() {
    insta::assert_snapshot!(plain(&view(), 40), @r"
    Feedback: Tell me about a design
    decision that came back to bite you.
    Score 2.0 of 5: looked for 1 of 2
    (counts twice), structure 0.5 of 2, key
    points 0 of 1; 1 unsure left out; −0.25
    for mistakes said

    What interviewers look for (1 of 3
    shown, 1 missing, 1 unsure)
     1 ✓ met: Found the cause by evidence.
         “A profiler showed the waits, so I
         split the pool.”
     2 ✗ missing (disputed): Puts a number
         on the outcome.
         → Give one value before and one
           after, with the unit.
     3 ? unsure: Gives the reason behind a
         choice.
         → After each choice say 'because'.

    Structure: STAR (0 of 2 shown, 1 partly,
    1 missing)
     4 ~ partly: Situation. Where it
         happened.
         “Our pool of connections ran dry
         every Monday.”
         → Set the scene.
     5 ✗ missing: Result. How it ended.
         → Say how it ended.

    Points worth making (0 of 1 shown, 1
    missing)
     6 ✗ missing: Explains the pool's size.
         → Say how many connections, and
           why.

    Mistakes
     7 ! said: Blames others.
         “It was ops' fault, really.”
         → Say what you could have caught.
     8 ! omitted: Leaves the damage without
         a figure.
         → Give one figure.

    Delivery
      23 words, about 0.2 of 6 minutes, 0
      numbers, I 50% of I and we, 0 fillers

    Next
      → Give one value before and one after,
        with the unit.
      → Say how it ended.
      → Say what you could have caught.
    ");
}

#[test]
fn colour_adds_nothing_but_colour() {
    let coloured = terminal::render(&view(), Style { color: true, width: 80 });
    let mut bare = String::new();
    for (i, piece) in coloured.split("\u{1b}[").enumerate() {
        bare += if i == 0 { piece } else { piece.split_once('m').expect("a colour").1 };
    }
    assert_ne!(coloured, bare);
    assert_eq!(bare, plain(&view(), 80));
}

#[test]
fn view_in_markdown() {
    insta::assert_snapshot!(markdown::render(&view()), @r"
    ## Feedback: Tell me about a design decision that came back to bite you.

    Score 2.0 of 5: looked for 1 of 2 (counts twice), structure 0.5 of 2, key points 0 of 1; 1 unsure left out; −0.25 for mistakes said

    ### What interviewers look for (1 of 3 shown, 1 missing, 1 unsure)

    1. **✓ met**: Found the cause by evidence.
        - “A profiler showed the waits, so I split the pool.”
    2. **✗ missing** (disputed): Puts a number on the outcome.
        - → Give one value before and one after, with the unit.
    3. **? unsure**: Gives the reason behind a choice.
        - → After each choice say 'because'.

    ### Structure: STAR (0 of 2 shown, 1 partly, 1 missing)

    4. **~ partly**: Situation. Where it happened.
        - “Our pool of connections ran dry every Monday.”
        - → Set the scene.
    5. **✗ missing**: Result. How it ended.
        - → Say how it ended.

    ### Points worth making (0 of 1 shown, 1 missing)

    6. **✗ missing**: Explains the pool's size.
        - → Say how many connections, and why.

    ### Mistakes

    7. **! said**: Blames others.
        - “It was ops' fault, really.”
        - → Say what you could have caught.
    8. **! omitted**: Leaves the damage without a figure.
        - → Give one figure.

    ### Delivery

    23 words, about 0.2 of 6 minutes, 0 numbers, I 50% of I and we, 0 fillers

    ### Next

    - Give one value before and one after, with the unit.
    - Say how it ended.
    - Say what you could have caught.
    ");
}

#[test]
#[allow(clippy::too_many_lines, reason = "the whole contract in one piece")]
fn feedback_document() {
    let json = serde_json::to_string_pretty(&FeedbackDocument::new(&view())).expect("plain values");
    insta::assert_snapshot!(json, @r#"
    {
      "schema": "viva.feedback/1",
      "question": {
        "id": "scaling-regret",
        "text": "Tell me about a design decision that came back to bite you."
      },
      "part": null,
      "gate": {
        "verdict": "answer",
        "reason": "",
        "aside": []
      },
      "structure": [
        {
          "id": "situation",
          "verdict": "partly",
          "probability": 0.55,
          "evidence": [
            {
              "turn": 2,
              "start": 0,
              "end": 45,
              "quote": "Our pool of connections ran dry every Monday."
            }
          ],
          "advice": "Set the scene."
        },
        {
          "id": "result",
          "verdict": "missing",
          "probability": 0.1,
          "evidence": [],
          "advice": "Say how it ended."
        }
      ],
      "looks_for": [
        {
          "id": "diagnosis",
          "verdict": "met",
          "probability": 0.93,
          "evidence": [
            {
              "turn": 2,
              "start": 46,
              "end": 95,
              "quote": "A profiler showed the waits, so I split the pool."
            }
          ],
          "advice": ""
        },
        {
          "id": "outcome",
          "verdict": "missing",
          "probability": 0.1,
          "evidence": [],
          "advice": "Give one value before and one after, with the unit.",
          "disputed": true
        },
        {
          "id": "rationale",
          "verdict": "unsure",
          "probability": 0.5,
          "evidence": [],
          "advice": "After each choice say 'because'."
        }
      ],
      "key_points": [
        {
          "id": "pool",
          "verdict": "missing",
          "probability": 0.1,
          "evidence": [],
          "advice": "Say how many connections, and why."
        }
      ],
      "mistakes": [
        {
          "id": "blame",
          "text": "Blames others.",
          "form": "said",
          "flagged": true,
          "probability": 0.88,
          "evidence": [
            {
              "turn": 2,
              "start": 96,
              "end": 122,
              "quote": "It was ops' fault, really."
            }
          ],
          "advice": "Say what you could have caught."
        },
        {
          "id": "no-numbers",
          "text": "Leaves the damage without a figure.",
          "form": "omitted",
          "flagged": true,
          "probability": 0.88,
          "evidence": [],
          "advice": "Give one figure."
        },
        {
          "id": "hype",
          "text": "Boasts.",
          "form": "said",
          "flagged": false,
          "probability": 0.13,
          "evidence": [],
          "advice": ""
        }
      ],
      "delivery": {
        "words": 23,
        "spoken_minutes": 0.2,
        "numbers": 0,
        "i_share": 0.5,
        "fillers": 0
      },
      "score": {
        "overall": 2.0,
        "basis": "looked for 1 of 2 (counts twice), structure 0.5 of 2, key points 0 of 1; 1 unsure left out; −0.25 for mistakes said"
      },
      "next": [
        "Give one value before and one after, with the unit.",
        "Say how it ended.",
        "Say what you could have caught."
      ]
    }
    "#);
}

fn with_session<T>(use_it: impl FnOnce(&SessionParts) -> T) -> T {
    let mut transcript = Transcript::default();
    transcript.interviewer(0, Purpose::Question, question().say);
    transcript.candidate(0, "It broke.\nI *fixed* it.\u{1b}[2J");
    let model = ModelCard { name: "tiny".into(), sha256: "ab".into(), calibrated: false };
    use_it(&SessionParts {
        id: "0192",
        started: "2026-01-02T03:04:05Z",
        seed: Seed(7),
        options: serde_json::json!({"followups": 3}),
        model: &model,
        bank: "cd",
        transcript: &transcript,
        views: &[],
    })
}

#[test]
fn session_document() {
    let json = with_session(|parts| serde_json::to_string(&SessionDocument::new(parts)));
    insta::assert_snapshot!(json.expect("plain values"), @r#"{"schema":"viva.session/1","id":"0192","started":"2026-01-02T03:04:05Z","seed":7,"options":{"followups":3},"model":{"name":"tiny","sha256":"ab","calibrated":false},"bank":{"sha256":"cd"},"turns":[{"n":1,"speaker":"interviewer","text":"Tell me about a design decision that came back to bite you.","purpose":"question"},{"n":2,"speaker":"candidate","text":"It broke.\nI *fixed* it.\u001b[2J"}],"feedback":[]}"#);
}

#[test]
fn session_in_markdown() {
    insta::assert_snapshot!(with_session(markdown::session), @r"
    # Interview 0192

    Started 2026-01-02T03:04:05Z, model tiny, seed 7.

    **Interviewer** (1)

    > Tell me about a design decision that came back to bite you.

    **Candidate** (2)

    > It broke.
    >
    > I \*fixed\* it.\\x1b\[2J
    ");
}

#[test]
fn a_document_survives_reading_and_printing_again() {
    let document = FeedbackDocument::new(&view());
    let json = serde_json::to_value(&document).expect("plain values");
    assert_eq!(json["looks_for"][0]["probability"].to_string(), "0.93");
    assert_eq!(serde_json::from_value::<FeedbackDocument>(json).expect("the same"), document);
}

#[test]
fn a_closed_gate_shows_no_verdict() {
    let gate = Gate {
        verdict: GateVerdict::Echo,
        reason: "it repeats the question".into(),
        aside: Vec::new(),
    };
    let view =
        View::new(&question(), None, &gate, &findings(), &mistake_findings(), &delivery(), &[]);
    assert_eq!((view.score.overall, view.numbered()), (None, vec![]));
    insta::assert_snapshot!(plain(&view, 80), @r"
    Feedback: Tell me about a design decision that came back to bite you.
    No verdicts: it repeats the question.

    Delivery
      23 words, about 0.2 of 6 minutes, 0 numbers, I 50% of I and we, 0 fillers

    Next
      → Read the outline with `viva questions show scaling-regret`, then answer in
        your own words.
    ");
}

#[test]
fn what_was_left_out_is_shown_and_not_all_of_it() {
    let quote = |n: usize| Evidence { turn: 2, start: n, end: n + 1, quote: format!("Tea *{n}*.") };
    let gate = |count: usize| Gate { aside: (0..count).map(quote).collect(), ..Gate::answer() };
    let view =
        |count| View::new(&question(), None, &gate(count), &findings(), &[], &delivery(), &[]);
    for (count, more) in [(0, false), (MOST_LEFT_OUT, false), (MOST_LEFT_OUT + 2, true)] {
        for (text, tea) in [
            (plain(&view(count), 80), "“Tea *4*.”"),
            (markdown::render(&view(count)), r"“Tea \*4\*.”"),
        ] {
            assert_eq!(text.contains("Left out"), count > 0, "{text}");
            assert_eq!(
                (text.contains(tea), text.contains("and 2 more")),
                (count > 0, more),
                "{text}"
            );
            assert!(!text.contains("Tea *5*") && !text.contains(r"Tea \*5\*"), "{text}");
        }
    }
    let json = serde_json::to_value(FeedbackDocument::new(&view(7))).expect("plain values");
    assert_eq!(json["gate"]["aside"].as_array().map(Vec::len), Some(7));
}

#[test]
fn what_was_never_judged_says_so() {
    let view = View::new(&question(), Some("p"), &Gate::answer(), &[], &[], &delivery(), &[]);
    assert_eq!((view.judged, view.part.as_deref()), (false, Some("p")));
    for text in [plain(&view, 80), markdown::render(&view)] {
        assert!(text.contains("Not judged"), "{text}");
    }
}

#[test]
fn long_quotes_are_cut_for_reading_and_whole_in_json() {
    let quote = "a long quote that goes on ".repeat(20);
    let mut found = finding(Group::LooksFor, "diagnosis", Verdict::Met);
    found.evidence = vec![Evidence { turn: 2, start: 0, end: quote.len(), quote: quote.clone() }];
    let view = View::new(&question(), None, &Gate::answer(), &[found], &[], &delivery(), &[]);
    assert!(markdown::render(&view).contains("goes on a…”"));
    assert!(!plain(&view, 200).contains(quote.trim()));
    let json = serde_json::to_string(&FeedbackDocument::new(&view)).expect("plain values");
    assert!(json.contains(&quote));
    assert_eq!(shortened("short"), "short");
    assert_eq!(shortened(&"é".repeat(300)).chars().count(), LONG_QUOTE + 1);
}

#[test]
fn foreign_text_is_shown_and_not_obeyed() {
    let mut question = question();
    question.say = "Ring\u{7} \u{202e}me?".into();
    let mut found = finding(Group::LooksFor, "diagnosis", Verdict::Met);
    found.evidence[0].quote = "\u{1b}[31m*red*".into();
    let view = View::new(&question, None, &Gate::answer(), &[found], &[], &delivery(), &[]);
    let text = plain(&view, 80);
    assert!(text.contains(r"Ring\x07 \u{202e}me?") && text.contains(r"“\x1b[31m*red*”"), "{text}");
    assert!(markdown::render(&view).contains(r"“\\x1b\[31m\*red\*”"));
}
