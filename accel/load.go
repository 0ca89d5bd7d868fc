package accel

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"dse/accel/typo"
)

//go:embed presets/*.yaml
var presetFiles embed.FS

const extension = ".yaml"

// Load returns the accelerator that a user named: a path to a file, or a preset with or without
// ".yaml". An existing file wins over a preset of the same name. A file with mistakes gives
// Findings; everything else wrong is an error of one line.
func Load(nameOrPath string) (*Accelerator, error) {
	text, err := readFile(nameOrPath)
	if err == nil {
		return Parse(nameOrPath, text)
	}
	name := strings.TrimSuffix(nameOrPath, extension)
	if preset, ok := PresetText(name); ok && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, errDirectory)) {
		return Parse(name+extension, preset)
	}
	switch {
	case errors.Is(err, errDirectory):
		return nil, fmt.Errorf("accelerator %s is a directory: name a YAML file in it, or a preset: %s",
			nameOrPath, strings.Join(Presets(), ", "))
	case errors.Is(err, fs.ErrNotExist):
		return nil, unknownAccelerator(nameOrPath)
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("accelerator file %s may not be read by you: change its permissions", nameOrPath)
	}
	return nil, fmt.Errorf("accelerator file %s cannot be read: %w", nameOrPath, err)
}

// errDirectory says that a path names a folder.
var errDirectory = errors.New("is a directory")

// readFile reads a file of at most a little more than maxText, so that Parse sees that it is too long.
func readFile(path string) ([]byte, error) {
	if path == "" {
		return nil, fs.ErrNotExist
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, errDirectory
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxText+1))
}

// unknownAccelerator words the error about a name that is neither file nor preset.
func unknownAccelerator(nameOrPath string) error {
	known := strings.Join(Presets(), ", ")
	if nameOrPath == "" {
		return fmt.Errorf("no accelerator given: name a YAML file or a preset: %s", known)
	}
	hint := ""
	if near := typo.Nearest(strings.TrimSuffix(filepath.Base(nameOrPath), extension), Presets()); near != "" {
		hint = "did you mean " + near + "? "
	}
	return fmt.Errorf("no accelerator file or preset named %q: %spresets are %s", nameOrPath, hint, known)
}

// Parse reads and checks an accelerator file. The file name is used in findings only.
// All mistakes of the text are reported together, as Findings.
func Parse(filename string, text []byte) (*Accelerator, error) {
	d := parseDocument(filename, text)
	a := &Accelerator{}
	if len(d.findings) == 0 {
		r := &reader{
			document: d, good: map[string]place{}, sources: map[string]string{},
			derived: map[string]place{}, same: map[string]place{},
		}
		schema.read(r, d.body, firstPlace(d.body, place{1, 1, 1}), "", a)
		r.derive(a)
		r.check(a)
		a.Sources = r.sources
	}
	if len(d.findings) > 0 {
		d.findings.sortByPlace()
		return nil, d.findings
	}
	return a, nil
}

// Presets returns the names of the embedded accelerators in alphabetical order.
func Presets() []string {
	entries, err := presetFiles.ReadDir("presets")
	if err != nil {
		panic("accel: embedded presets are gone")
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), extension)
	}
	return names
}

// PresetText returns the file of a preset, comments and all, to copy and change. The name is
// given without ".yaml".
func PresetText(name string) ([]byte, bool) {
	text, err := presetFiles.ReadFile("presets/" + name + extension)
	return text, err == nil
}
