package accel

import "strings"

// Key is one key that an accelerator file may have.
type Key struct {
	Path    string // dotted; elements of lists as "memories[].banks"
	Form    string // what its value looks like: "size", "whole number"
	Default string // "required" where it must be given, "" for empty text
	Meaning string
}

// Keys lists every key of an accelerator file in the order of the file.
func Keys() []Key { return schema.keys("") }

// homeOf returns the section in which a key exists that was found elsewhere, or "". Keys that
// several sections have name none.
func homeOf(key string) string {
	home := ""
	for _, k := range Keys() {
		section, last, nested := cutLast(k.Path)
		if !nested || last != key {
			continue
		}
		if home != "" {
			return ""
		}
		home = section
	}
	return home
}

func cutLast(path string) (section, last string, nested bool) {
	i := strings.LastIndexByte(path, '.')
	if i < 0 {
		return "", path, false
	}
	return strings.TrimSuffix(path[:i], "[]"), path[i+1:], true
}
