package config

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Bounds of a settings text. The YAML reader takes memory by the square of the
// nesting and follows aliases without end, so that a small text could end the process.
const (
	maxText    = 1 << 20
	maxNesting = 40  // of brackets and braces
	maxColumn  = 200 // where blocks may begin, which bounds how deep they are nested
	maxAliases = 200
)

// ReadText reads a file of settings, up to the size that settings may have.
func ReadText(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxText+1))
	if err == nil && len(text) > maxText {
		err = tooLarge()
	}
	return text, err
}

func tooLarge() error {
	return &Error{Message: fmt.Sprintf("the settings are larger than %d MiB", maxText>>20), Mend: "this is no tandem.yaml"}
}

// bounded refuses a text that would exhaust its reader.
func bounded(text []byte) error {
	if len(text) > maxText {
		return tooLarge()
	}
	for i, line := range strings.Split(string(text), "\n") {
		if indent := len(line) - len(strings.TrimLeft(line, " ")); indent > maxColumn && indent < len(line) {
			return tooDeep(i + 1)
		}
	}
	aliases, err := countAliases(lexer.Tokenize(string(text)))
	if err != nil || aliases == 0 {
		return err
	}
	return aliasesStand(text)
}

func tooDeep(line int) error {
	return &Error{Line: line, Message: "this is nested deeper than any setting", Mend: "take the nesting out"}
}

// countAliases counts aliases, and refuses too many of them and what is nested too
// deep.
func countAliases(tokens token.Tokens) (aliases int, err error) {
	depth := 0
	for _, t := range tokens {
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.AliasType:
			aliases++
		}
		block := t.Type == token.SequenceEntryType || t.Type == token.MappingKeyType
		switch {
		case depth > maxNesting || block && t.Position.Column > maxColumn:
			return 0, tooDeep(t.Position.Line)
		case aliases > maxAliases:
			return 0, &Error{Line: t.Position.Line, Message: fmt.Sprintf("the settings have more than %d aliases", maxAliases), Mend: "write the values out"}
		}
	}
	return aliases, nil
}

// aliasesStand refuses an alias inside of what another alias stands for, through
// which a short text becomes a long one.
func aliasesStand(text []byte) error {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil //nolint:nilerr // the decoder says what is wrong, and where
	}
	v := &aliasFinder{}
	walk(file, v)
	return v.err
}

// aliasFinder looks for aliases within anchored values.
type aliasFinder struct {
	within bool
	err    error
}

// Visit implements ast.Visitor.
func (v *aliasFinder) Visit(n ast.Node) ast.Visitor {
	switch n := n.(type) {
	case *ast.AnchorNode:
		inner := &aliasFinder{within: true}
		ast.Walk(inner, n.Value)
		if v.err == nil {
			v.err = inner.err
		}
	case *ast.AliasNode:
		if v.within && v.err == nil {
			v.err = &Error{Line: n.GetToken().Position.Line, Message: "an alias stands inside of what another alias stands for", Mend: "write the value out"}
		}
	}
	return v
}
