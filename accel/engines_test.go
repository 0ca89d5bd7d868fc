package accel

import (
	"strings"
	"testing"
)

func TestEngines(t *testing.T) {
	a, err := Parse("good.yaml", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	if a.Engines.Described() {
		t.Errorf("a file without engines describes %+v", a.Engines)
	}
	for _, c := range []struct{ engines, problem string }{
		{"  request: 64 B\n  bus: 128 bit\n  cache: 512 KiB\n  cache_ways: 8\n", ""},
		{"  request: 64 B\n  bus: 128 bit\n  cache: 384 KiB\n  cache_ways: 12\n", ""},
		{"  bus: 128 bit\n", "engines are described without engines.request"},
		{"  cache: 512 KiB\n", "engines are described without engines.request"},
		{"  request: 64 B\n  cache: 512 KiB\n", "engines.request of 64 B is no multiple of engines.bus, 0 bit"},
		{"  request: 64 B\n  bus: 192 bit\n  cache: 512 KiB\n", "engines.request of 64 B is no multiple of engines.bus, 192 bit"},
		{"  request: 64 B\n  bus: 128 bit\n  cache: 100 KiB\n", "engines.cache of 100 KiB is no power of two of sets of 1 x 64 B"},
		{"  request: 64 B\n  bus: 128 bit\n", "engines.cache of 0 B is no power of two of sets of 1 x 64 B"},
	} {
		_, err := Parse("engines.yaml", []byte(good+"engines:\n"+c.engines))
		switch {
		case c.problem == "" && err != nil, c.problem != "" && (err == nil || !strings.Contains(err.Error(), c.problem)):
			t.Errorf("%s%v, want %q", c.engines, err, c.problem)
		}
	}
}
