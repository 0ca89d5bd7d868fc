// Package golden gives tests the reference results in qat/testdata/reference/torch: inputs,
// outputs and gradients of the operations of training, computed by PyTorch in float64 from inputs
// that are exact in float32.
//
// A test asks for the cases of an operation and compares with the tolerance for it:
//
//	golden.Each(t, "relu6", func(c *golden.Case) {
//		y, dx := relu6(c.Float32s("x"), c.Float32s("dy"))
//		golden.Near(c, "y", y, golden.Elementwise)
//		golden.Near(c, "dx", dx, golden.Elementwise)
//	})
//
// Each output and gradient of a case must be read or compared, or be named with Elsewhere; a case
// fails otherwise, so nothing is left out unnoticed.
//
// DSE_REFERENCE=DIR in the environment takes the cases in DIR/torch instead.
package golden

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"dse/qat/checkpoint"
)

// environment names the variable that points to another set of reference data.
const environment = "DSE_REFERENCE"

// Tensor describes one array of a case.
type Tensor struct {
	// Key is its name within the case.
	Key string `json:"key"`
	// Role is input, parameter, state, upstream, output, gradient or aux.
	Role  string           `json:"role"`
	DType checkpoint.DType `json:"dtype"`
	Shape []int            `json:"shape"`
}

// record is one case as cases.json has it.
type record struct {
	ID      string          `json:"id"`
	Op      string          `json:"op"`
	File    string          `json:"file"`
	Attrs   json.RawMessage `json:"attrs"`
	Tensors []Tensor        `json:"tensors"`
}

// suite is the set of cases of one folder, with its data files by name.
type suite struct {
	folder string
	cases  []record
	files  map[string]map[string]*checkpoint.Tensor
}

// load reads the set once per test binary.
var load = sync.OnceValues(func() (*suite, error) {
	folder, err := locate()
	if err != nil {
		return nil, err
	}
	b, err := os.ReadFile(filepath.Join(folder, "cases.json"))
	if err != nil {
		return nil, err
	}
	var index struct {
		Format int      `json:"format"`
		Cases  []record `json:"cases"`
	}
	if err := json.Unmarshal(b, &index); err != nil {
		return nil, fmt.Errorf("%s: cases.json: %w", folder, err)
	}
	if index.Format != 1 {
		return nil, fmt.Errorf("%s: cases.json has format %d, 1 is known", folder, index.Format)
	}
	s := &suite{folder: folder, cases: index.Cases, files: map[string]map[string]*checkpoint.Tensor{}}
	for _, r := range s.cases {
		if s.files[r.File] != nil {
			continue
		}
		f, err := checkpoint.Load(filepath.Join(folder, r.File))
		if err != nil {
			return nil, err
		}
		tensors := make(map[string]*checkpoint.Tensor, len(f.Tensors))
		for i := range f.Tensors {
			tensors[f.Tensors[i].Name] = &f.Tensors[i]
		}
		s.files[r.File] = tensors
	}
	return s, nil
})

// locate returns the folder of the cases. Tests run in their package's folder, so the default is
// found from the module's root above it.
func locate() (string, error) {
	if dir := os.Getenv(environment); dir != "" {
		return filepath.Join(dir, "torch"), nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "qat", "testdata", "reference", "torch"), nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", fmt.Errorf("no go.mod above the working directory")
		}
		dir = up
	}
}

// Each runs f as a subtest for every case of the operation. A set without such a case fails the
// test, or skips it if the set is one from the environment, which need not have every operation.
func Each(t *testing.T, op string, f func(c *Case)) {
	t.Helper()
	s, err := load()
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for i := range s.cases {
		r := &s.cases[i]
		if r.Op != op {
			continue
		}
		found = true
		t.Run(r.ID, func(t *testing.T) {
			c := &Case{T: t, record: r, data: s.files[r.File], seen: map[string]bool{}}
			f(c)
			c.finish()
		})
	}
	switch {
	case found:
	case os.Getenv(environment) != "":
		t.Skipf("%s has no case of %s", s.folder, op)
	default:
		t.Fatalf("%s has no case of %s", s.folder, op)
	}
}

// Ops returns the operations of the set, each once, in order of their first case.
func Ops(t *testing.T) []string {
	t.Helper()
	s, err := load()
	if err != nil {
		t.Fatal(err)
	}
	var ops []string
	for _, r := range s.cases {
		if !slices.Contains(ops, r.Op) {
			ops = append(ops, r.Op)
		}
	}
	return ops
}

// finish fails a case whose outputs were not all looked at. A case that has failed or was skipped
// may have stopped early.
func (c *Case) finish() {
	if c.Failed() || c.Skipped() {
		return
	}
	if missed := c.missed(); len(missed) > 0 {
		c.Errorf("never compared: %s", strings.Join(missed, ", "))
	}
}

// missed lists the outputs and gradients that were neither read, compared nor named with Elsewhere.
func (c *Case) missed() []string {
	var keys []string
	for _, t := range c.record.Tensors {
		if (t.Role == "output" || t.Role == "gradient") && !c.seen[t.Key] {
			keys = append(keys, t.Key)
		}
	}
	return keys
}
