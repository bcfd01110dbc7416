package console

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestCommandsArePagesHere(t *testing.T) {
	for text, want := range map[string]string{
		"choose one with tandem links link, or merge the duplicates; tandem links apart says that it is none of them": "choose one |by Link with, on the record's page>/c/acme/records|, or merge the duplicates; |These two are not the same, under Review,>/c/acme/review| says that it is none of them",
		"run tandem links unlink contact 003A0001, and it stays":                                                      "|use Stop syncing this record, on its page>/c/acme/records/contact/003A0001|, and it stays",
		"set companies.sync: true and run tandem settings apply":                                                      "set companies.sync: true and |save that under Settings>/c/acme/settings|",
		"import it, or see tandem explain company for it; this resolves itself":                                       "import it, or see |its page under Records>/c/acme/records|; this resolves itself",
		"go on with old; where it is to end, run tandem disconnect --connection old while the settings still name it": "go on with old; where it is to end, |have an admin disconnect it, under Connect,>/c/old/disconnect| while the settings still name it",
		"see whether tandem serve runs":                                                                               "see whether tandem serve runs",
	} {
		got := ""
		for _, p := range pieces("acme", text) {
			if p.to != "" {
				p.words = "|" + p.words + ">" + p.to + "|"
			}
			got += p.words
		}
		if got != want {
			t.Errorf("%s\n became %s\n not    %s", text, got, want)
		}
	}
}

// literal finds texts between quotes on one line.
var literal = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// leftOver finds a command that a person would have to type.
var leftOver = regexp.MustCompile("(?:^|[ (:;,`\"])tandem [a-z]+")

// TestNoAdviceOfTheEngineNamesACommandHere: each text of the engine and the rules' mends that
// names a command is a page's in the console.
func TestNoAdviceOfTheEngineNamesACommandHere(t *testing.T) {
	files, err := filepath.Glob("../engine/*.go")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("../engine/*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	checks, err := filepath.Glob("../cli/check*.go")
	if err != nil {
		t.Fatal(err)
	}
	more = append(more, checks...)
	looked := 0
	for _, file := range append(append(files, more...), "../policy/mend.go", "../policy/category.go", "../notify/look.go") {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(source)) {
			if strings.HasPrefix(strings.TrimSpace(line), "//") {
				continue
			}
			for _, text := range literal.FindAllString(line, -1) {
				text = strings.Trim(strings.NewReplacer("%s", "company", "%d", "7").Replace(text), `"`)
				if !leftOver.MatchString(text) {
					continue
				}
				looked++
				if left := leftOver.FindString(strings.ReplaceAll(inWords(text), "tandem serve", "")); left != "" {
					t.Errorf("%s: the console would say %q", filepath.Base(file), inWords(text))
				}
			}
		}
	}
	if looked < 40 {
		t.Errorf("only %d texts name a command: this looks at the wrong places", looked)
	}
}
