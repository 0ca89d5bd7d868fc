package accel

//lint:file-ignore U1000 staticcheck does not see that generic types implement the generic interface entry.

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// about is what the schema says of a key apart from its type.
type about struct {
	key     string
	example string // a value to suggest where the key is missing or empty
	absent  string // the value of a key that is not given; required where it must be given
	meaning string
}

// required marks keys without a default, and derived those whose default follows from other keys: derive
// finds it once all of them are read.
const (
	required = "required"
	derived  = "derived"
)

// leaf is a key with a single value of type T.
type leaf[S, T any] struct {
	about
	kind   kind[T]
	at     func(*S) *T
	limits []limit[T]
	// same gives the default where it is the value of another key.
	same func(*S) T
}

// single describes a key with one value.
func single[S, T any](a about, k kind[T], at func(*S) *T, limits ...limit[T]) *leaf[S, T] {
	return &leaf[S, T]{about: a, kind: k, at: at, limits: limits}
}

// as makes the value of another key the default.
func (l *leaf[S, T]) as(same func(*S) T) *leaf[S, T] {
	l.same = same
	return l
}

func (l *leaf[S, T]) name() string { return l.key }

func (l *leaf[S, T]) read(r *reader, value ast.Node, at place, path string, s *S) {
	text, ok := scalarText(value)
	if !ok {
		r.report(at, problem{fmt.Sprintf("%s must be one value, got %s", path, describe(value)),
			fmt.Sprintf("write for example `%s: %s`", l.key, l.example)})
		return
	}
	here := placeOf(value.GetToken())
	v, p := l.kind.parse(text)
	for i := 0; p == nil && i < len(l.limits); i++ {
		p = l.limits[i](v, text)
	}
	if p != nil {
		r.report(here, problem{path + p.message, p.way})
		return
	}
	*l.at(s) = v
	r.accept(path, here)
}

func (l *leaf[S, T]) absent(r *reader, owner place, path string, s *S) {
	switch {
	case l.about.absent == required:
		r.report(owner, missing(path, l.about))
		return
	case l.about.absent == derived:
		r.derived[path] = owner
	case l.same != nil:
		*l.at(s) = l.same(s)
		r.same[path] = owner
	default:
		v, p := l.kind.parse(l.about.absent)
		if p != nil {
			panic("accel: default of a key is not legal")
		}
		*l.at(s) = v
	}
	r.assume(path, owner)
}

func (l *leaf[S, T]) tree(s *S) branch {
	text := l.kind.write(*l.at(s))
	return branch{
		key: l.key, text: text, implied: text == l.about.absent,
		optional: l.about.absent == "" || l.about.absent == derived,
	}
}

func (l *leaf[S, T]) keys(prefix string) []Key {
	return []Key{{join(prefix, l.key), l.kind.form, l.about.absent, l.meaning}}
}

// section is a key with a mapping of its own.
type section[S, C any] struct {
	about
	at   func(*S) *C
	keep mapping[C]
}

// nested describes a key whose value is a mapping. Without a default it must be given.
func nested[S, C any](a about, at func(*S) *C, keep mapping[C]) *section[S, C] {
	return &section[S, C]{a, at, keep}
}

func (c *section[S, C]) name() string { return c.key }

func (c *section[S, C]) read(r *reader, value ast.Node, at place, path string, s *S) {
	c.keep.read(r, value, at, path, c.at(s))
}

func (c *section[S, C]) absent(r *reader, owner place, path string, s *S) {
	if c.about.absent == required {
		r.report(owner, missing(path, c.about))
		return
	}
	for _, e := range c.keep {
		e.absent(r, owner, join(path, e.name()), c.at(s))
	}
}

func (c *section[S, C]) tree(s *S) branch {
	return branch{key: c.key, below: c.keep.tree(c.at(s))}
}

func (c *section[S, C]) keys(prefix string) []Key { return c.keep.keys(join(prefix, c.key)) }

// list is a key with a list of mappings.
type list[S, C any] struct {
	about
	at   func(*S) *[]C
	most int
	keep mapping[C]
	// compact lists are written with one element per line where the sources allow it.
	compact bool
}

// several describes a key whose value is a list of 1 to most mappings.
func several[S, C any](a about, at func(*S) *[]C, most int, keep mapping[C]) *list[S, C] {
	return &list[S, C]{about: a, at: at, most: most, keep: keep}
}

// short asks for one line per element.
func (l *list[S, C]) short() *list[S, C] {
	l.compact = true
	return l
}

func (l *list[S, C]) name() string { return l.key }

func (l *list[S, C]) read(r *reader, value ast.Node, at place, path string, s *S) {
	node, ok := value.(*ast.SequenceNode)
	if !ok {
		r.report(at, problem{fmt.Sprintf("%s must be a list, got %s", path, describe(value)),
			"write one element per line, each beginning with `- `"})
		return
	}
	if len(node.Values) == 0 || len(node.Values) > l.most {
		r.report(at, problem{fmt.Sprintf("%s must have 1 to %d elements, got %d", path, l.most, len(node.Values)),
			"write one element per line, each beginning with `- `"})
		return
	}
	elements := make([]C, len(node.Values))
	for i, n := range node.Values {
		l.keep.read(r, n, firstPlace(n, at), fmt.Sprintf("%s[%d]", path, i), &elements[i])
	}
	*l.at(s) = elements
	r.good[path] = at
}

func (l *list[S, C]) absent(r *reader, owner place, path string, _ *S) {
	r.report(owner, missing(path, l.about))
}

func (l *list[S, C]) tree(s *S) branch {
	b := branch{key: l.key, list: true, compact: l.compact}
	for i := range *l.at(s) {
		b.below = append(b.below, branch{below: l.keep.tree(&(*l.at(s))[i])})
	}
	return b
}

func (l *list[S, C]) keys(prefix string) []Key { return l.keep.keys(join(prefix, l.key) + "[]") }

// set is a key with a list of names, kept as the bits 1, 2, 4 ... in the order of the names.
type set[S any] struct {
	about
	names []string
	at    func(*S) *Operand
}

func (c *set[S]) name() string { return c.key }

func (c *set[S]) read(r *reader, value ast.Node, at place, path string, s *S) {
	elements := []ast.Node{value}
	if node, ok := value.(*ast.SequenceNode); ok {
		elements = node.Values
	}
	if len(elements) == 0 {
		r.report(at, problem{path + " must not be empty", "write one or more of " + orList(c.names, "")})
		return
	}
	var got Operand
	sound := true
	for _, n := range elements {
		text, ok := scalarText(n)
		if !ok {
			r.report(at, problem{fmt.Sprintf("%s must list names, got %s", path, describe(n)), "write for example " + c.example})
			return
		}
		bit, p := c.bit(text)
		if p == nil && got&bit != 0 {
			p = &problem{fmt.Sprintf(" lists %s twice", text), "remove one of them"}
		}
		if p != nil {
			r.report(placeOf(n.GetToken()), problem{path + p.message, p.way})
			sound = false
		}
		got |= bit
	}
	if sound {
		*c.at(s) = got
		r.accept(path, at)
	}
}

func (c *set[S]) bit(text string) (Operand, *problem) {
	for i, n := range c.names {
		if n == text {
			return 1 << i, nil
		}
	}
	return 0, unknownValue(text, c.names)
}

func (c *set[S]) absent(r *reader, owner place, path string, s *S) {
	*c.at(s) = 1<<len(c.names) - 1
	r.assume(path, owner)
}

func (c *set[S]) tree(s *S) branch {
	return branch{key: c.key, text: c.at(s).String(), plain: true}
}

func (c *set[S]) keys(prefix string) []Key {
	return []Key{{join(prefix, c.key), "list of " + orList(c.names, ""), c.about.absent, c.meaning}}
}

// missing words the finding about a key that must be given.
func missing(path string, a about) problem {
	p := problem{message: fmt.Sprintf("missing key `%s`", a.key), way: "add a section `" + a.key + "`: " + a.meaning}
	if owner := strings.TrimSuffix(strings.TrimSuffix(path, a.key), "."); owner != "" {
		p.message = fmt.Sprintf("%s lacks the key `%s`", owner, a.key)
	}
	if a.example != "" {
		p.way = fmt.Sprintf("add `%s: %s`", a.key, a.example)
	}
	return p
}

// firstPlace returns where a list element begins, or fallback where it is empty.
func firstPlace(n ast.Node, fallback place) place {
	if m, ok := n.(ast.MapNode); ok {
		if pairs := m.MapRange(); pairs.Next() {
			return placeOf(pairs.Key().GetToken())
		}
	}
	if n == nil || n.GetToken() == nil {
		return fallback
	}
	return placeOf(n.GetToken())
}
