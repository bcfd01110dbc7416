package soql

import (
	"strings"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokenEOF tokenKind = iota
	tokenName
	tokenNumber
	tokenDate // a date or datetime literal
	tokenString
	tokenSymbol
)

// token is one lexical unit; text is as written, except of strings, where it is the unescaped content.
type token struct {
	text string
	pos  int // byte offset in the statement
	kind tokenKind
}

// is reports whether the token is this keyword or symbol, in any case.
func (t token) is(word string) bool {
	return (t.kind == tokenName || t.kind == tokenSymbol) && strings.EqualFold(t.text, word)
}

// shown is the token as an error message quotes it.
func (t token) shown() string {
	if t.kind == tokenEOF {
		return "<EOF>"
	}
	return t.text
}

// maxStatement is the longest statement in characters (SOQL and SOSL limits).
const maxStatement = 100_000

// lex cuts a statement into tokens, the last of which is tokenEOF.
func lex(text string) ([]token, error) {
	if utf8.RuneCountInString(text) > maxStatement {
		return nil, &Error{Code: codeMalformed, Message: "SOQL statements cannot be longer than 100000 characters."}
	}
	l := lexer{text: text}
	for {
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		l.tokens = append(l.tokens, t)
		if t.kind == tokenEOF {
			return l.tokens, nil
		}
	}
}

type lexer struct {
	text   string
	pos    int
	tokens []token
}

func (l *lexer) next() (token, error) {
	for l.pos < len(l.text) && isSpace(l.text[l.pos]) {
		l.pos++
	}
	if l.pos == len(l.text) {
		return token{pos: l.pos}, nil
	}
	c := l.text[l.pos]
	switch {
	case isLetter(c):
		return l.take(tokenName, isNameByte), nil
	case isDigit(c), (c == '-' || c == '+' || c == '.') && l.digitAt(l.pos+1):
		return l.number(), nil
	case c == '\'':
		return l.quoted()
	}
	return l.symbol()
}

func (l *lexer) digitAt(i int) bool { return i < len(l.text) && isDigit(l.text[i]) }

func (l *lexer) take(kind tokenKind, keep func(byte) bool) token {
	start := l.pos
	for l.pos++; l.pos < len(l.text) && keep(l.text[l.pos]); l.pos++ {
	}
	return token{text: l.text[start:l.pos], pos: start, kind: kind}
}

// number reads a number, a date when four digits are followed by a hyphen, or a time when two are by a colon.
func (l *lexer) number() token {
	if len(l.text) > l.pos+2 && l.text[l.pos+2] == ':' && allDigits(l.text[l.pos:l.pos+2]) {
		return l.take(tokenDate, isDateByte)
	}
	if len(l.text) > l.pos+4 && l.text[l.pos+4] == '-' && allDigits(l.text[l.pos:l.pos+4]) {
		return l.take(tokenDate, isDateByte)
	}
	return l.take(tokenNumber, func(c byte) bool { return isDigit(c) || c == '.' })
}

func (l *lexer) symbol() (token, error) {
	start := l.pos
	if two := l.text[start:min(start+2, len(l.text))]; two == "!=" || two == "<>" || two == "<=" || two == ">=" {
		l.pos += 2
		return token{text: two, pos: start, kind: tokenSymbol}, nil
	}
	r, n := utf8.DecodeRuneInString(l.text[start:])
	if !strings.ContainsRune("(),.=<>:*+-/", r) {
		return token{}, lexicalError(l.text, start, "no viable alternative at character '"+string(r)+"'")
	}
	l.pos += n
	return token{text: l.text[start:l.pos], pos: start, kind: tokenSymbol}, nil
}

// quoted reads a string literal with the escapes of SOQL ("Quoted String Escape Sequences").
func (l *lexer) quoted() (token, error) {
	start := l.pos
	var b strings.Builder
	for i := start + 1; i < len(l.text); i++ {
		switch c := l.text[i]; c {
		case '\'':
			l.pos = i + 1
			return token{text: b.String(), pos: start, kind: tokenString}, nil
		case '\\':
			s, n, ok := unescape(l.text[i+1:])
			if !ok {
				return token{}, l.badEscape(start, i)
			}
			b.WriteString(s)
			i += n
		default:
			b.WriteByte(c)
		}
	}
	return token{}, lexicalError(l.text, len(l.text), "mismatched character '<EOF>' expecting '''")
}

func (l *lexer) badEscape(start, at int) error {
	return &Error{Code: codeMalformed, Message: "Invalid string literal '" + l.text[start+1:at] +
		"'. Illegal character sequence '" + l.text[at:min(at+2, len(l.text))] + "' in string literal."}
}

// escaped maps the character after a backslash. A backslash and an escaped wildcard keep their escape in the token, so that
// LIKE can tell a wildcard from the character; [plainText] and [compileLike] undo it.
var escaped = map[byte]string{
	'n': "\n", 'N': "\n", 'r': "\r", 'R': "\r", 't': "\t", 'T': "\t", 'b': "\b", 'B': "\b", 'f': "\f", 'F': "\f",
	'"': `"`, '\'': "'", '\\': `\\`, '_': `\_`, '%': `\%`,
}

// unescape gives the text of the escape sequence that rest begins with, and how many bytes it has.
func unescape(rest string) (string, int, bool) {
	if rest == "" {
		return "", 0, false
	}
	if rest[0] == 'u' && len(rest) >= 5 {
		return unicodeEscape(rest[1:5])
	}
	s, ok := escaped[rest[0]]
	return s, 1, ok
}

func unicodeEscape(hex string) (string, int, bool) {
	var r rune
	for _, c := range []byte(hex) {
		d := strings.IndexByte("0123456789abcdef", c|0x20)
		if d < 0 || c < '0' {
			return "", 0, false
		}
		r = r<<4 | rune(d)
	}
	if r == '\\' {
		return escaped['\\'], 5, true
	}
	return string(r), 5, true
}

// plainText is the meaning of a string token anywhere but in LIKE.
func plainText(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	return strings.NewReplacer(`\_`, "_", `\%`, "%", `\\`, `\`).Replace(s)
}

func isSpace(c byte) bool    { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }
func isDigit(c byte) bool    { return c >= '0' && c <= '9' }
func isLetter(c byte) bool   { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }
func isNameByte(c byte) bool { return isLetter(c) || isDigit(c) }
func isDateByte(c byte) bool {
	return isDigit(c) || strings.IndexByte("-:.+TtZz", c) >= 0
}

func allDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return true
}
