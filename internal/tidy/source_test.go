package tidy

import (
	"bytes"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// update lets a test write what it found instead of comparing with it.
var update = flag.Bool("update", false, "write the linter's arrows and the size ratchet")

// file is one text file of the project.
type file struct {
	name string // relative to the module, with slashes
	text []byte
	// syntax is the parsed file for Go that people write; nil for generated Go
	// and everything else.
	syntax *ast.File
}

// positions tells the lines of all parsed files.
var positions = token.NewFileSet()

// isTest reports a Go test file.
func (f file) isTest() bool { return strings.HasSuffix(f.name, "_test.go") }

// lines is the number of lines.
func (f file) lines() int { return bytes.Count(f.text, []byte("\n")) }

// skipped are folders with nothing that people write.
var skipped = []string{".git", "bin", "build", "node_modules"}

// files are the text files of the module.
var files = sync.OnceValues(func() (out []file, err error) {
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains(skipped, d.Name()):
			return fs.SkipDir
		case !d.Type().IsRegular(), slices.Contains(skipped, d.Name()): // the .git of a work tree is a file
			return nil
		}
		f, err := load(path)
		if err == nil && f != nil {
			out = append(out, *f)
		}
		return err
	})
	return out, err
})

// load reads one file; nil for a binary one.
func load(path string) (*file, error) {
	text, err := os.ReadFile(path)
	if err != nil || bytes.IndexByte(text, 0) >= 0 {
		return nil, err
	}
	name, err := filepath.Rel(root, path)
	if err != nil {
		return nil, err
	}
	f := &file{name: filepath.ToSlash(name), text: text}
	if !strings.HasSuffix(path, ".go") {
		return f, nil
	}
	syntax, err := parser.ParseFile(positions, f.name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err == nil && !ast.IsGenerated(syntax) {
		f.syntax = syntax
	}
	return f, err
}

// allFiles gives the project's files, or fails the test.
func allFiles(t *testing.T) []file {
	t.Helper()
	all, err := files()
	if err != nil {
		t.Fatalf("read the project: %v", err)
	}
	if len(all) < 50 {
		t.Fatalf("only %d files read", len(all))
	}
	return all
}

// goFiles are the Go files that people write.
func goFiles(t *testing.T) []file {
	t.Helper()
	return slices.DeleteFunc(slices.Clone(allFiles(t)), func(f file) bool { return f.syntax == nil })
}
