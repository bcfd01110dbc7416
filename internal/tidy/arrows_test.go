package tidy

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// module is the path of the module, and prefix what its packages begin with.
const (
	module = "tandem"
	prefix = module + "/"
)

// root is the top folder of the module, seen from this package.
var root = filepath.Join("..", "..")

// listed is a package as the go command lists it.
type listed struct {
	ImportPath   string
	Deps         []string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// folder is the package's folder, relative to the module.
func (p listed) folder() string { return strings.TrimPrefix(p.ImportPath, prefix) }

// packages are those of the module.
var packages = sync.OnceValues(func() ([]listed, error) {
	cmd := exec.Command("go", "list", "-json=ImportPath,Deps,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	var all []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
})

func allPackages(t *testing.T) []listed {
	t.Helper()
	all, err := packages()
	if err != nil {
		t.Fatalf("list packages: %v", err)
	}
	if len(all) < 10 {
		t.Fatalf("only %d packages listed", len(all))
	}
	return all
}

func TestArrowsPointDown(t *testing.T) {
	for _, p := range allPackages(t) {
		l, ok := layerOf(p.folder())
		if !ok {
			t.Errorf("%s is in no layer: add it to the table in layers_test.go", p.folder())
			continue
		}
		forbidden(t, l, p, p.Imports, false)
		forbidden(t, l, p, slices.Concat(p.TestImports, p.XTestImports), true)
	}
}

func forbidden(t *testing.T, l layer, p listed, imports []string, test bool) {
	for _, path := range imports {
		target, ours := strings.CutPrefix(path, prefix)
		if ours && !l.allows(p.folder(), target, test) {
			t.Errorf("%s must not import %s%s", p.folder(), target, inTests(test))
		}
		if !test && l.pure && slices.Contains(impure, path) {
			t.Errorf("%s is pure and must not import %s", p.folder(), path)
		}
	}
}

func inTests(test bool) string {
	if test {
		return ", not even in tests"
	}
	return ""
}

func TestNothingThatTestsIsInTheBinary(t *testing.T) {
	for _, p := range allPackages(t) {
		if p.folder() != "cmd/tandem" {
			continue
		}
		for _, dep := range p.Deps {
			name := dep[strings.LastIndexByte(dep, '/')+1:]
			ours := strings.HasPrefix(dep, prefix)
			if dep == "testing" || ours && (strings.HasSuffix(name, "test") || name == "bench" || name == "tidy") {
				t.Errorf("cmd/tandem depends on %s", dep)
			}
		}
		return
	}
	t.Error("cmd/tandem is not there")
}

func TestLayersName(t *testing.T) {
	for _, c := range []struct {
		pattern, folder string
		want            bool
	}{
		{"internal/core", "internal/core", true},
		{"internal/core", "internal/core/x", false},
		{"internal/core/...", "internal/core/x", true},
		{"internal/core/...", "internal/core", true},
		{"internal/core/...", "internal/corex", false},
	} {
		if got := covers(c.pattern, c.folder); got != c.want {
			t.Errorf("covers(%s, %s) is %v", c.pattern, c.folder, got)
		}
	}
	for _, from := range []string{"internal/core", "internal/mapping", "sim/hubspotsim", "internal/connector/hubspot"} {
		l, _ := layerOf(from)
		if l.allows(from, "internal/engine", false) || l.allows(from, "sim/simtest", true) {
			t.Errorf("%s may import upwards", from)
		}
	}
}
