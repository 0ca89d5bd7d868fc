package mapper

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Evaluate prices a mapping that somebody else chose. The error names the constraint that the mapping
// violates, with the numbers on both sides.
func Evaluate(m *Machine, p *Problem, mapping Mapping) (Cost, error) {
	if err := p.check(m); err != nil {
		return Cost{}, err
	}
	e := newEvaluator(m, p)
	l := &p.Layer
	var seen [dims]bool
	for _, d := range mapping.Order {
		if d >= dims || seen[d] {
			return Cost{}, fmt.Errorf("mapping %v: the loops must go over each of K, C, Q and P once", mapping)
		}
		seen[d] = true
	}
	var made [dims]cut
	var cuts [dims]*cut
	for d, n := range [dims]int{l.K, l.C, l.Rows.Out, l.Cols.Out} {
		if step := mapping.Step[d]; step < 1 || step > n {
			return Cost{}, fmt.Errorf("mapping %v: %v steps by %d, the layer has %v = %d; a step is from 1 to that", mapping, Dim(d), step, Dim(d), n)
		}
		made[d] = e.cut(Dim(d), mapping.Step[d])
		cuts[d] = &made[d]
	}
	var c Cost
	if !e.occupy(&cuts, &c.Occupied) {
		for i, capacity := range m.capacity {
			if c.Occupied[i] > capacity {
				return Cost{}, fmt.Errorf("mapping %v: its tiles take %.0f bits of memory %s, which has %.0f; take smaller steps", mapping, c.Occupied[i], m.accel.Memories[i].Name, capacity)
			}
		}
	}
	e.price(&mapping.Order, &cuts, &c)
	return c, nil
}

// Given prices a mapping as Search does what it finds, with the bound of the same objective.
func Given(m *Machine, p *Problem, mapping Mapping, o Objective) (Result, error) {
	c, err := Evaluate(m, p, mapping)
	if err != nil {
		return Result{}, err
	}
	bound := o.of(newSearch(m, p, o).bound())
	return Result{Mapping: mapping, Cost: c, Bound: bound, Gap: gap(o.of(&c), bound), Evaluated: 1}, nil
}

// ReadGiven reads mappings by layer: a line "name: Q14 P56 K32 C64" for each, blank lines and comments that
// begin with # aside. Errors name the line.
func ReadGiven(r io.Reader, file string) (map[string]Mapping, error) {
	given := map[string]Mapping{}
	s := bufio.NewScanner(r)
	for line := 1; s.Scan(); line++ {
		text, _, _ := strings.Cut(s.Text(), "#")
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		name, loops, ok := strings.Cut(text, ":")
		name = strings.TrimSpace(name)
		if !ok || name == "" {
			return nil, fmt.Errorf("%s:%d: want a layer and its loops, such as \"stem: Q14 P56 K32 C64\", got %q", file, line, text)
		}
		if _, twice := given[name]; twice {
			return nil, fmt.Errorf("%s:%d: layer %s is mapped twice", file, line, name)
		}
		m, err := Parse(strings.TrimSpace(loops))
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, line, err)
		}
		given[name] = m
	}
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return given, nil
}
