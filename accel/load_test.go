package accel

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLoad(t *testing.T) {
	edge, _ := PresetText("edge-npu")
	mine := strings.Replace(string(edge), "name: edge-npu", "name: mine", 1)
	dir := t.TempDir()
	t.Chdir(dir)
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("gemmini-16x16.yaml", mine) // hides the preset
	write("own.yaml", mine)
	write("huge.yaml", strings.Repeat("# x\n", maxText/2))
	if err := os.Mkdir("edge-npu", 0o755); err != nil { // hides nothing
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, arg string
		want      string   // name of the accelerator
		wantErr   []string // parts of the error
	}{
		{"preset", "bitfusion-16x32", "bitfusion-16x32", nil},
		{"preset with extension", "bitfusion-16x32.yaml", "bitfusion-16x32", nil},
		{"file", "own.yaml", "mine", nil},
		{"absolute path", filepath.Join(dir, "own.yaml"), "mine", nil},
		{"file before preset", "gemmini-16x16.yaml", "mine", nil},
		{"preset where only the other name is a file", "gemmini-16x16", "gemmini-16x16", nil},
		{"preset beside a folder of its name", "edge-npu", "edge-npu", nil},
		{"misspelt preset", "egde-npu", "", []string{`named "egde-npu"`, "did you mean edge-npu?", "bitfusion-16x32, edge-npu"}},
		{"misspelt path", "chips/edge_npu.yml", "", []string{"did you mean edge-npu?"}},
		{"nothing like it", "tpu", "", []string{`named "tpu": presets are`}},
		{"nothing", "", "", []string{"no accelerator given", "edge-npu"}},
		{"folder", dir, "", []string{"is a directory", "edge-npu"}},
		{"below a file", "own.yaml/x", "", []string{"cannot be read"}},
		{"too large", "huge.yaml", "", []string{"more than an accelerator file can need", "262144"}},
		{"path out of the presets", "../presets/edge-npu", "", []string{"no accelerator file or preset"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, err := Load(c.arg)
			if c.wantErr == nil {
				if err != nil {
					t.Fatal(err)
				}
				if a.Name != c.want {
					t.Errorf("Load(%q) is %q, want %q", c.arg, a.Name, c.want)
				}
				return
			}
			if err == nil {
				t.Fatalf("Load(%q) is %q, want an error", c.arg, a.Name)
			}
			for _, part := range c.wantErr {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("Load(%q) error:\n%v\nlacks %q", c.arg, err, part)
				}
			}
		})
	}
}

func TestLoadUnreadable(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	path := filepath.Join(t.TempDir(), "secret.yaml")
	if err := os.WriteFile(path, []byte("name: x"), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "change its permissions") {
		t.Errorf("Load of an unreadable file: %v", err)
	}
}

func TestParseErrorType(t *testing.T) {
	_, err := Parse("x.yaml", []byte("name: x"))
	var f Findings
	if !errors.As(err, &f) || len(f) == 0 {
		t.Errorf("Parse error is a %T, want Findings", err)
	}
}
