package accel

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"dse/accel/typo"
)

// With returns a copy of a in which keys have other values, written as in a file: "memories[0].capacity" to
// "128 KiB". An empty value takes the key away, so that it has its default. What was derived from other
// keys follows their changes. The result has passed all checks of a file; what contradicts is reported in
// the same way.
func With(a *Accelerator, changes map[string]string) (*Accelerator, error) {
	tree := stated(a)
	sources := maps.Clone(a.Sources)
	for _, key := range slices.Sorted(maps.Keys(changes)) {
		part := find(tree, "", key)
		if part == nil {
			return nil, unknownPath(tree, key)
		}
		part.text, part.implied = changes[key], false
		part.optional = part.text == ""
		part.taken = part.optional
		delete(sources, key)
	}
	var b bytes.Buffer
	for _, part := range tree {
		writeBranch(&b, part, "", "", sources)
	}
	return Parse(a.Name, b.Bytes())
}

// Calibrated lists the keys whose source says that they were calibrated, in the order of the file.
func Calibrated(a *Accelerator) []string {
	var keys []string
	for _, row := range Rows(a) {
		if strings.HasPrefix(row.Source, "calibrated on") {
			keys = append(keys, row.Key)
		}
	}
	return keys
}

// find returns the single value of that path, or nil.
func find(parts []branch, owner, path string) *branch {
	for i := range parts {
		part := &parts[i]
		at := join(owner, part.key)
		switch {
		case part.list:
			for j := range part.below {
				if found := find(part.below[j].below, fmt.Sprintf("%s[%d]", at, j), path); found != nil {
					return found
				}
			}
		case part.below != nil:
			if found := find(part.below, at, path); found != nil {
				return found
			}
		case at == path:
			return part
		}
	}
	return nil
}

// unknownPath words the error about a key that an accelerator does not have.
func unknownPath(tree []branch, key string) error {
	var known []string
	for _, part := range tree {
		for _, row := range appendRows(nil, part, part.key, nil) {
			known = append(known, row.Key)
		}
	}
	hint := "the keys are those that `dse accel show` prints"
	if near := typo.Nearest(key, known); near != "" {
		hint = "did you mean " + near + "?"
	}
	return fmt.Errorf("the accelerator has no key %q: %s", key, hint)
}
