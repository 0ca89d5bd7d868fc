package accel

//lint:file-ignore U1000 used by the generic entries, which staticcheck takes for unused.

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"dse/accel/typo"
)

// reader carries the document through the schema and gathers what is found.
type reader struct {
	*document
	// good holds the place of every key that was read without a finding or has its default.
	// Checks across keys run only where all keys they look at are good, so that one mistake
	// is not reported twice.
	good    map[string]place
	sources map[string]string
	// derived and same hold the owners of absent keys whose values follow from other keys: those that
	// derive finds, and those that took the value of another key.
	derived, same map[string]place
}

// accept notes that the value of a key is sound, and keeps the source given beside it.
func (r *reader) accept(path string, at place) {
	r.good[path] = at
	if words, ok := r.comments[at.line]; ok {
		r.sources[path] = words
	}
}

// assume notes that a key is absent and has its default; owner is the mapping that lacks it.
func (r *reader) assume(path string, owner place) { r.good[path] = owner }

// entry is one key of the mapping that describes an S.
type entry[S any] interface {
	name() string
	// read fills its part of s from the value of the key. at is the place of the key.
	read(r *reader, value ast.Node, at place, path string, s *S)
	// absent fills its part of s where the key is not given, or reports that it must be.
	absent(r *reader, owner place, path string, s *S)
	// tree writes its part of s down.
	tree(s *S) branch
	// keys lists the keys that the entry stands for, below prefix.
	keys(prefix string) []Key
}

// mapping is the keys of one mapping, in the order in which they are written.
type mapping[S any] []entry[S]

// read fills s from a YAML mapping, and reports unknown, repeated and missing keys.
// owner is the place that findings about the whole mapping point to.
func (m mapping[S]) read(r *reader, n ast.Node, owner place, path string, s *S) {
	node, ok := n.(ast.MapNode)
	if !ok {
		r.report(owner, problem{fmt.Sprintf("%s must be a mapping of keys, got %s", named(path), describe(n)),
			"its keys are " + andList(m.names(), "`")})
		return
	}
	firstLine := map[string]int{}
	meant := map[string]bool{} // keys that a misspelt one stands for: not missing as well
	for pairs := node.MapRange(); pairs.Next(); {
		keyToken := pairs.Key().GetToken()
		key, at := keyToken.Value, placeOf(keyToken)
		if first, seen := firstLine[key]; seen {
			r.report(at, problem{fmt.Sprintf("key `%s` is given twice", key), fmt.Sprintf("remove it or line %d", first)})
			continue
		}
		firstLine[key] = at.line
		if e := m.find(key); e != nil {
			e.read(r, pairs.Value(), at, join(path, key), s)
		} else {
			r.report(at, unknownKey(key, path, m.names()))
			meant[typo.Nearest(key, m.names())] = true
		}
	}
	for _, e := range m {
		if _, given := firstLine[e.name()]; !given && !meant[e.name()] {
			e.absent(r, owner, join(path, e.name()), s)
		}
	}
}

func (m mapping[S]) find(key string) entry[S] {
	for _, e := range m {
		if e.name() == key {
			return e
		}
	}
	return nil
}

func (m mapping[S]) names() []string {
	out := make([]string, len(m))
	for i, e := range m {
		out[i] = e.name()
	}
	return out
}

func (m mapping[S]) tree(s *S) []branch {
	out := make([]branch, len(m))
	for i, e := range m {
		out[i] = e.tree(s)
	}
	return out
}

func (m mapping[S]) keys(prefix string) []Key {
	var out []Key
	for _, e := range m {
		out = append(out, e.keys(prefix)...)
	}
	return out
}

// unknownKey words the finding about a key that a mapping does not have: a near name of the same
// mapping first, then the place in the schema where the key does exist.
func unknownKey(key, path string, names []string) problem {
	p := problem{message: fmt.Sprintf("unknown key `%s`", key), way: "the keys here are " + andList(names, "`")}
	if path != "" {
		p.message += " in " + path
	}
	switch {
	case key == "<<":
		p.message, p.way = "merge keys are not read in accelerator files", "write the values out"
	case typo.Nearest(key, names) != "":
		p.way = fmt.Sprintf("did you mean `%s`?", typo.Nearest(key, names))
	default:
		if home := homeOf(key); home != "" {
			p.way = fmt.Sprintf("it belongs under `%s`", home)
		}
	}
	return p
}

// join appends a key to a dotted path.
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// named returns what a message calls the value at path.
func named(path string) string {
	if path == "" {
		return "the file"
	}
	return path
}

// describe names a YAML value in a message about a wrong type.
func describe(n ast.Node) string {
	switch n := n.(type) {
	case nil, *ast.NullNode:
		return "nothing"
	case ast.MapNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.AnchorNode, *ast.AliasNode:
		return "an anchor or alias, which accelerator files do not use"
	case *ast.TagNode:
		return "a tag, which accelerator files do not use"
	default:
		return fmt.Sprintf("%q", n.GetToken().Value)
	}
}

// scalarText returns the text of a single value as it stands in the file, without quotes.
func scalarText(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	case *ast.LiteralNode:
		return strings.TrimRight(n.Value.Value, "\n"), true
	}
	return "", false
}
