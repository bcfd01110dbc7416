package dst

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var planted = flag.String("planted", "", "make the mistakes of these numbers on purpose, such as 1-40, and say what finds them; needs the sources and minutes")

// Each mistake fits: what it replaces stands in its file once, and what comes of it is Go.
func TestPlantsFit(t *testing.T) {
	if len(plants) != 40 {
		t.Errorf("%d mistakes, want 40", len(plants))
	}
	for i, p := range plants {
		body, err := p.made()
		if err == nil {
			_, err = parser.ParseFile(token.NewFileSet(), p.file, body, 0)
		}
		if err != nil {
			t.Errorf("%d, %s: %v", i+1, p.breaks, err)
		}
	}
}

const root = "../../.."

// made is the file with the mistake in it.
func (p plant) made() (string, error) {
	body, err := os.ReadFile(filepath.Join(root, p.file))
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(body), p.old); n != 1 {
		return "", fmt.Errorf("%s holds %q %d times, want once", p.file, p.old, n)
	}
	return strings.Replace(string(body), p.old, p.new, 1), nil
}

// TestPlanted makes one mistake after the other and plays histories, and where these find
// nothing the test that the mistake names.
func TestPlanted(t *testing.T) {
	if *planted == "" {
		t.Skip("no -planted")
	}
	var from, to int
	if n, _ := fmt.Sscanf(*planted, "%d-%d", &from, &to); n < 2 {
		to = from
	}
	found := 0
	for n := max(from, 1); n <= min(to, len(plants)); n++ {
		by, err := plants[n-1].foundBy(t)
		switch {
		case err != nil:
			t.Errorf("planted %d, %s: %v", n, plants[n-1].breaks, err)
		case by == "":
			t.Errorf("planted %d, %s: nothing finds it (%s)", n, plants[n-1].breaks, plants[n-1].file)
		default:
			found++
			fmt.Fprintf(os.Stdout, "sim: planted %d, %s: found by %s\n", n, plants[n-1].breaks, by)
		}
	}
	fmt.Fprintf(os.Stdout, "sim: %d planted mistakes found\n", found)
}

// foundBy says what finds a mistake; blank for nothing.
func (p plant) foundBy(t *testing.T) (string, error) {
	overlay, err := p.overlay(t.TempDir())
	if err != nil {
		return "", err
	}
	histories := []string{"./sim/simtest/dst", "-run", "TestSim$", "-args", "-once", "-seeds", fmt.Sprint(*seeds), "-steps", fmt.Sprint(*steps), "-first", fmt.Sprint(*first), "-keep", t.TempDir()}
	fails, err := testFails(overlay, histories)
	if err != nil || fails || p.also == "" {
		return map[bool]string{true: "the histories"}[fails], err
	}
	if fails, err = testFails(overlay, strings.Fields(p.also)); fails {
		return "go test " + p.also, err
	}
	return "", err
}

// overlay is the file that has go build the mistake in place of the source.
func (p plant) overlay(dir string) (string, error) {
	body, err := p.made()
	if err != nil {
		return "", err
	}
	source, err := filepath.Abs(filepath.Join(root, p.file))
	if err != nil {
		return "", err
	}
	wrong, file := filepath.Join(dir, "wrong.go"), filepath.Join(dir, "overlay.json")
	spec, err := json.Marshal(map[string]any{"Replace": map[string]string{source: wrong}})
	if err != nil {
		return "", err
	}
	return file, errors.Join(os.WriteFile(wrong, []byte(body), 0o600), os.WriteFile(file, spec, 0o600))
}

// testFails runs a test over an overlay. What cannot be built finds nothing.
func testFails(overlay string, args []string) (bool, error) {
	run := exec.Command("go", append([]string{"test", "-failfast", "-count=1", "-overlay", overlay}, args...)...)
	run.Dir = root
	out, err := run.CombinedOutput()
	switch {
	case err == nil:
		return false, nil
	case strings.Contains(string(out), "[build failed]") || strings.Contains(string(out), "[setup failed]"):
		return false, fmt.Errorf("it does not build: %s", out)
	}
	return true, nil
}
