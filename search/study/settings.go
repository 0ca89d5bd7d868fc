package study

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"
)

// Settings are what a study's outcomes depend on. A study may only be continued with equal ones.
type Settings struct {
	// Program is any value that marshals to a JSON object: what was asked for, without what may
	// change from session to session (workers, output style).
	Program any
	// Accelerator is the text of the accelerator's YAML file.
	Accelerator string
	// Seed of the whole study.
	Seed uint64
}

// canonicalJSON returns the JSON text of v with sorted keys and no blanks. Numbers keep their
// digits.
func canonicalJSON(v any) (string, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var object map[string]any
	if err := dec.Decode(&object); err != nil || object == nil {
		return "", fmt.Errorf("settings must be a JSON object, not %.40s", raw)
	}
	text, err := json.Marshal(object)
	return string(text), err
}

// differences lists where two sets of settings differ, one line each, in the order of the keys, without
// those that do not count.
func differences(stored, asked canonical, uncounted []string) []string {
	var lines []string
	old, now := flatten(stored.program), flatten(asked.program)
	for _, key := range unionOfKeys(old, now) {
		a, inOld := old[key]
		b, inNow := now[key]
		switch {
		case slices.Contains(uncounted, key):
		case !inNow:
			lines = append(lines, fmt.Sprintf("%s: the study has %s, now it is not given", key, a))
		case !inOld:
			lines = append(lines, fmt.Sprintf("%s: the study has none, now it is %s", key, b))
		case a != b:
			lines = append(lines, fmt.Sprintf("%s: the study has %s, now it is %s", key, a, b))
		}
	}
	if stored.accelerator != asked.accelerator {
		lines = append(lines, "accelerator: "+firstDifference(stored.accelerator, asked.accelerator))
	}
	if stored.seed != asked.seed {
		lines = append(lines, fmt.Sprintf("seed: the study has %d, now it is %d", stored.seed, asked.seed))
	}
	return lines
}

// flatten maps dotted keys of a JSON object to the JSON text of their values. Arrays are values.
func flatten(text string) map[string]string {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var object map[string]any
	if err := dec.Decode(&object); err != nil {
		panic("study: settings are not canonical JSON")
	}
	flat := map[string]string{}
	var walk func(prefix string, v any)
	walk = func(prefix string, v any) {
		if m, ok := v.(map[string]any); ok && (len(m) > 0 || prefix == "") {
			for k, x := range m {
				if prefix != "" {
					k = prefix + "." + k
				}
				walk(k, x)
			}
			return
		}
		leaf, err := json.Marshal(v)
		if err != nil {
			panic("study: a decoded JSON value does not encode")
		}
		flat[prefix] = string(leaf)
	}
	walk("", object)
	return flat
}

func unionOfKeys(a, b map[string]string) []string {
	var keys []string
	for k := range a {
		keys = append(keys, k)
	}
	for k := range b {
		if _, both := a[k]; !both {
			keys = append(keys, k)
		}
	}
	sort.Strings(keys)
	return keys
}

// firstDifference names the first line in which two texts differ.
func firstDifference(old, now string) string {
	a, b := strings.Split(old, "\n"), strings.Split(now, "\n")
	line := func(lines []string, i int) string {
		if i >= len(lines) {
			return "nothing"
		}
		return fmt.Sprintf("%q", strings.TrimSpace(lines[i]))
	}
	for i := 0; ; i++ {
		if i >= len(a) || i >= len(b) || a[i] != b[i] {
			return fmt.Sprintf("line %d: the study has %s, now it is %s", i+1, line(a, i), line(b, i))
		}
	}
}

// canonical is the stored form of Settings.
type canonical struct {
	program     string
	accelerator string
	seed        uint64
}

func (s Settings) canonical() (canonical, error) {
	program, err := canonicalJSON(s.Program)
	return canonical{program, s.Accelerator, s.Seed}, err
}
