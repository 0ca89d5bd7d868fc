package models

import (
	"os"
	"strings"
	"testing"
)

// The manual names every family.
func TestFamiliesAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/networks.md")
	if err != nil {
		t.Fatal(err)
	}
	for i := range catalogue {
		if f := &catalogue[i]; !strings.Contains(string(text), "| `"+f.name+"` |") || !strings.Contains(string(text), f.about) {
			t.Errorf("docs/networks.md lacks family %s, %q", f.name, f.about)
		}
	}
}
