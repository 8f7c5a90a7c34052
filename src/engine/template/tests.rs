use super::{ChatTemplate, TemplateError, Vocabulary};
use crate::engine::gguf::Texts;

/// As Qwen3's: thinking is switched off by an empty thought, and thoughts of earlier turns go.
const THINKING: &str = "\
{%- if messages[0].role == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
{%- endif %}
{%- set ns = namespace(last=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if message.role == 'user' and message.content is string and not message.content.startswith('<tool_response>') %}
        {%- set ns.last = index %}{%- break %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.role == 'user' or (message.role == 'system' and not loop.first) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == 'assistant' %}
        {%- set content = message.content %}
        {%- if '</think>' in content %}
            {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
        {%- endif %}
        {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}";

/// As Llama 3.1's: BOS, a date, headers, trimmed contents.
const HEADERS: &str = "\
{{- bos_token }}
{%- if not date_string is defined %}
    {%- set date_string = strftime_now('%d %b %Y') %}
{%- endif %}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content'] | trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = '' %}
{%- endif %}
{{- '<|start_header_id|>system<|end_header_id|>\\n\\n' }}
{%- if tools is not none %}{{- 'Environment: ipython\\n' }}{%- endif %}
{{- 'Today Date: ' + date_string + '\\n\\n' + system_message + '<|eot_id|>' }}
{%- for message in messages %}
    {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] | trim + '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}";

/// As Gemma 2's: no system message, strict turns, the assistant by another name.
const STRICT: &str = "\
{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}
{% for message in messages %}
    {% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
        {{- raise_exception('Roles must alternate user/assistant/user/assistant/...') }}
    {% endif %}
    {% if message['role'] == 'assistant' %}
        {% set role = 'model' %}
    {% else %}
        {% set role = message['role'] %}
    {% endif %}
    {{- '<start_of_turn>' + role + '\\n' + message['content'] | trim + '<end_of_turn>\\n' -}}
{% endfor %}
{% if add_generation_prompt %}
    {{- '<start_of_turn>model\\n' }}
{% endif %}";

/// As Gemma 3's: the system message opens the first user's turn; contents may be lists of parts.
const FOLDING: &str = "\
{{ bos_token }}
{%- if messages[0]['role'] == 'system' -%}
    {%- if messages[0]['content'] is string -%}
        {%- set before = messages[0]['content'] + '\n\n' -%}
    {%- else -%}
        {%- set before = messages[0]['content'][0]['text'] + '\n\n' -%}
    {%- endif -%}
    {%- set turns = messages[1:] -%}
{%- else -%}
    {%- set before = '' -%}
    {%- set turns = messages -%}
{%- endif -%}
{%- for message in turns -%}
    {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) -%}
        {{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}
    {%- endif -%}
    {%- set role = 'model' if message['role'] == 'assistant' else message['role'] -%}
    {{ '<start_of_turn>' + role + '\n' + (before if loop.first else '') }}
    {%- if message['content'] is string -%}
        {{ message['content'] | trim }}
    {%- elif message['content'] is iterable -%}
        {%- for item in message['content'] -%}
            {{ '<start_of_image>' if item['type'] == 'image' else item['text'] | trim }}
        {%- endfor -%}
    {%- else -%}
        {{ raise_exception('Invalid content type') }}
    {%- endif -%}
    {{ '<end_of_turn>\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{ '<start_of_turn>model\n' }}
{%- endif -%}";

/// As Phi-4 mini's: roles as tokens, no newlines, tools within a system message.
const BARS: &str = "\
{% for message in messages %}\
{% if message['role'] == 'system' and 'tools' in message and message['tools'] is not none %}\
{{ '<|' + message['role'] + '|>' + message['content'] + '<|tool|>' + message['tools'] + '<|/tool|>' + '<|end|>' }}\
{% else %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}{% endif %}\
{% endfor %}\
{% if add_generation_prompt %}{{ '<|assistant|>' }}{% else %}{{ eos_token }}{% endif %}";

fn template(source: &str) -> ChatTemplate {
    ChatTemplate::from_source(source, "<bos>", "<eos>").expect("the source can be read")
}

fn joined(source: &str, roles: &[&str]) -> String {
    template(source).pieces(roles).expect("the template takes these roles").join("◆")
}

#[test]
fn a_thinking_template_is_told_not_to_think() {
    let prompt = joined(THINKING, &["system", "user", "assistant", "user"]);
    insta::assert_snapshot!(prompt, @"
    <|im_start|>system
    ◆<|im_end|>
    <|im_start|>user
    ◆<|im_end|>
    <|im_start|>assistant
    ◆<|im_end|>
    <|im_start|>user
    ◆<|im_end|>
    <|im_start|>assistant
    <think>

    </think>
    ");
    assert!(prompt.ends_with("</think>\n\n"));
}

#[test]
fn a_header_template_keeps_its_bos_and_the_day_given() {
    let dated = template(HEADERS).dated(jiff::civil::date(2024, 7, 26));
    let prompt = dated.pieces(&["system", "user"]).expect("it takes these roles").join("◆");
    insta::assert_snapshot!(prompt, @"
    <bos><|start_header_id|>system<|end_header_id|>

    Today Date: 26 Jul 2024

    ◆<|eot_id|><|start_header_id|>user<|end_header_id|>

    ◆<|eot_id|><|start_header_id|>assistant<|end_header_id|>
    ");
    assert!(prompt.ends_with("\n\n"));
}

#[test]
fn a_template_without_system_messages_gets_it_before_the_users() {
    insta::assert_snapshot!(joined(STRICT, &["system", "user", "assistant", "user"]), @"
    <bos><start_of_turn>user
    ◆

    ◆<end_of_turn>
    <start_of_turn>model
    ◆<end_of_turn>
    <start_of_turn>user
    ◆<end_of_turn>
    <start_of_turn>model
    ");
}

#[test]
fn a_template_may_open_the_first_users_turn_with_the_system_message() {
    insta::assert_snapshot!(joined(FOLDING, &["system", "user", "assistant", "user"]), @"
    <bos><start_of_turn>user
    ◆

    ◆<end_of_turn>
    <start_of_turn>model
    ◆<end_of_turn>
    <start_of_turn>user
    ◆<end_of_turn>
    <start_of_turn>model
    ");
    let alone = joined(FOLDING, &["user"]);
    assert_eq!(alone, "<bos><start_of_turn>user\n◆<end_of_turn>\n<start_of_turn>model\n");
    let refused = template(FOLDING).pieces(&["system", "user", "user"]);
    assert!(matches!(refused, Err(TemplateError::Refused(_))), "{refused:?}");
}

#[test]
fn a_template_may_write_roles_as_tokens() {
    let prompt = joined(BARS, &["system", "user", "assistant", "user"]);
    assert_eq!(
        prompt,
        "<|system|>◆<|end|><|user|>◆<|end|><|assistant|>◆<|end|><|user|>◆<|end|><|assistant|>"
    );
}

#[test]
fn a_refusal_is_told_in_the_templates_words() {
    let refused = template(STRICT).pieces(&["user", "user"]);
    let words = "Roles must alternate user/assistant/user/assistant/...".to_owned();
    assert_eq!(refused, Err(TemplateError::Refused(words)));
}

#[test]
fn pieces_with_contents_between_are_what_the_template_renders() {
    let messages =
        [("system", "Be brief."), ("user", "Why?\n"), ("assistant", "So."), ("user", "é😀")];
    let roles = messages.map(|(role, _)| role);
    let template = template(THINKING);
    let mut prompt = String::new();
    for (n, piece) in template.pieces(&roles).expect("it takes these roles").iter().enumerate() {
        prompt.push_str(piece);
        prompt.push_str(messages.get(n).map_or("", |(_, content)| content));
    }
    assert_eq!(prompt, template.render(&messages).expect("it renders"));
}

#[test]
fn a_template_that_is_not_faithful_is_refused() {
    let each = |body: &str| format!("{{% for m in messages %}}{body}{{% endfor %}}");
    let unfaithful = |source: &str| match template(source).pieces(&["user", "assistant"]) {
        Err(TemplateError::Unfaithful { number, role }) => (number, role),
        other => panic!("{source}: {other:?}"),
    };
    assert_eq!(unfaithful("{{ messages[0].content }}"), (2, "assistant".to_owned()));
    assert_eq!(unfaithful(&each("{{ m.content | upper }}")), (1, "user".to_owned()));
    assert_eq!(unfaithful(&each("{{ m.content }}{{ m.content }}")).0, 2);
    assert_eq!(unfaithful("{% for m in messages | reverse %}{{ m.content }}{% endfor %}").0, 2);
}

#[test]
fn chatml_stands_in_where_its_tokens_are() {
    let mut vocabulary =
        Vocabulary { tokens: ["<|im_start|>"].into_iter().collect(), ..Vocabulary::default() };
    let chatml = ChatTemplate::from_vocabulary(&vocabulary).expect("the token is there");
    let pieces = chatml.pieces(&["system", "user"]).expect("it takes these roles");
    assert_eq!(
        pieces,
        [
            "<|im_start|>system\n",
            "<|im_end|>\n<|im_start|>user\n",
            "<|im_end|>\n<|im_start|>assistant\n"
        ]
    );
    vocabulary.tokens = Texts::default();
    let missing = ChatTemplate::from_vocabulary(&vocabulary).map(|_| ());
    assert_eq!(missing, Err(TemplateError::Missing));
}

#[test]
fn syntax_errors_name_the_line_and_hold_no_control_characters() {
    let error = ChatTemplate::from_source("a\n{% \u{1b}[31m if %}", "", "").map(|_| ());
    let Err(TemplateError::Syntax(message)) = error else { panic!("{error:?}") };
    assert!(message.contains("chat:2") && !message.contains('\u{1b}'), "{message}");
}

/// Each has to end in an error, not in an endless loop, a full memory or an overflown stack.
#[test]
fn hostile_templates_end_in_errors() {
    let loops = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}";
    let doubles = "{% set n = namespace(s='ab') %}{% for i in range(64) %}\
                   {% set n.s = n.s ~ n.s %}{% endfor %}{{ n.s | length }}";
    let repeats = "{{ ('x' * 1000000000) | length }}";
    let recursion = "{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}";
    let widths = "{{ strftime_now('%999999999d') }}";
    for source in [loops, doubles, repeats, recursion, widths] {
        let outcome = template(source).pieces(&["user"]);
        assert!(matches!(outcome, Err(TemplateError::Failed(_))), "{source}: {outcome:?}");
    }
    let deep = format!("{{{{ {}{} }}}}", "[".repeat(50_000), "]".repeat(50_000));
    assert!(matches!(ChatTemplate::from_source(&deep, "", ""), Err(TemplateError::Syntax(_))));
    let long = " ".repeat(super::MAX_SOURCE + 1);
    assert!(matches!(ChatTemplate::from_source(&long, "", ""), Err(TemplateError::Syntax(_))));
}

/// Dropping what it built takes as much stack as it nested, where the test's thread has little.
#[test]
fn values_that_a_template_nests_do_not_overflow_the_stack() {
    let (open, close) = ("[".repeat(70), "]".repeat(70));
    let nests = format!(
        "{{% set n = namespace(x=[]) %}}{{% for i in range(99999) %}}\
         {{% set n.x = {open}n.x{close} %}}{{% endfor %}}"
    );
    let outcome = template(&nests).pieces(&["user"]);
    assert!(matches!(outcome, Err(TemplateError::Failed(_))), "{outcome:?}");
}

#[test]
fn a_conversation_of_hundreds_of_messages_is_no_hostile_template() {
    let roles: Vec<&str> = ["user", "assistant"].into_iter().cycle().take(401).collect();
    for source in [THINKING, HEADERS, STRICT, FOLDING, BARS] {
        assert_eq!(template(source).pieces(&roles).map(|pieces| pieces.len()), Ok(402));
    }
}
