package models

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"dse/accel/typo"
)

// Options say which member of a family of networks is meant. A family's defaults show which of them
// it takes: zero values cannot be chosen.
type Options struct {
	Name       string
	Width      float64 // multiplier of all channels
	Image      Shape
	Classes    int
	StemStride int // of the first convolution
}

// family is a network up to its options.
type family struct {
	name     string
	about    string // what it is and where its definition comes from
	defaults Options
	// published lists the members that models.Names shows, as they are written behind the name; an
	// empty string is the family itself.
	published []string
	build     func(Options) (*Network, error)
}

// UnknownError is returned by Build for a name that no network has.
type UnknownError struct {
	Name string
	Near string // the name that was probably meant, or ""
}

func (e *UnknownError) Error() string {
	if e.Near != "" {
		return fmt.Sprintf("unknown model %q; did you mean %s?", e.Name, e.Near)
	}
	return fmt.Sprintf("unknown model %q; `dse model list` shows them", e.Name)
}

// Names lists the published networks in alphabetical order.
func Names() []string {
	var names []string
	for _, f := range catalogue {
		for _, p := range f.published {
			names = append(names, f.name+p)
		}
	}
	slices.Sort(names)
	return names
}

// About says what the network of that name is and where its definition comes from.
func About(name string) (string, error) {
	f, err := familyOf(name)
	if err != nil {
		return "", err
	}
	return f.about, nil
}

// Build returns the network of that name. A name is a family, followed by options in any order, each
// behind a hyphen:
//
//	0.5       width: multiplier of the channels, always with a point
//	224       side of the image; 96x64 for height and width, 1x28x28 with channels before them
//	c10       classes
//	s1        stride of the first convolution
//
// as in mobilenetv2-0.5-96-c10. Each family takes some of them. An unknown name gives an
// *UnknownError.
func Build(name string) (*Network, error) {
	f, err := familyOf(name)
	if err != nil {
		return nil, err
	}
	o := f.defaults
	o.Name = name
	for _, word := range strings.FieldsFunc(name[len(f.name):], func(r rune) bool { return r == '-' }) {
		if err := o.read(word, &f.defaults); err != nil {
			return nil, fmt.Errorf("model %q: %w", name, err)
		}
	}
	return f.build(o)
}

// familyOf finds the family with the longest name that the given name is or goes on from.
func familyOf(name string) (*family, error) {
	var found *family
	for i := range catalogue {
		f := &catalogue[i]
		if (name == f.name || strings.HasPrefix(name, f.name+"-")) && (found == nil || len(f.name) > len(found.name)) {
			found = f
		}
	}
	if found == nil {
		known := Names()
		for i := range catalogue {
			known = append(known, catalogue[i].name)
		}
		return nil, &UnknownError{Name: name, Near: typo.Nearest(name, known)}
	}
	return found, nil
}

// Bounds of options: larger networks than anyone simulates, small enough to count in an int.
const (
	maxMultiplier = 16
	maxSide       = 8192
	maxClasses    = 1 << 20
	maxStemStride = 8
)

// read takes one word of a name.
func (o *Options) read(word string, defaults *Options) error {
	switch {
	case strings.Contains(word, "."):
		v, err := strconv.ParseFloat(word, 64)
		if err != nil || !(v > 0 && v <= maxMultiplier) {
			return fmt.Errorf("width %q is not a number above 0 and up to %d", word, maxMultiplier)
		}
		if defaults.Width == 0 {
			return fmt.Errorf("width %q: this network comes in one width", word)
		}
		o.Width = v
		return nil
	case strings.HasPrefix(word, "c"):
		if defaults.Classes == 0 {
			return fmt.Errorf("%q: this network has no classes to choose", word)
		}
		return number(word, word[1:], maxClasses, &o.Classes)
	case strings.HasPrefix(word, "s"):
		if defaults.StemStride == 0 {
			return fmt.Errorf("%q: the first stride of this network cannot be chosen", word)
		}
		return number(word, word[1:], maxStemStride, &o.StemStride)
	}
	if defaults.Image == (Shape{}) {
		return fmt.Errorf("%q: the input of this network cannot be chosen", word)
	}
	return o.readSize(word)
}

// readSize takes a side, height and width, or channels, height and width.
func (o *Options) readSize(word string) error {
	sides := strings.Split(word, "x")
	if len(sides) == 1 {
		sides = append(sides, sides[0])
	}
	to := []*int{&o.Image.C, &o.Image.H, &o.Image.W}
	if len(sides) == 2 {
		to = to[1:]
	}
	if len(sides) > len(to) {
		return fmt.Errorf("%q is no size of an image: want a side, height and width such as 96x64, or 1x28x28 with channels before them", word)
	}
	for i, digits := range sides {
		if err := number(word, digits, maxSide, to[i]); err != nil {
			return err
		}
	}
	return nil
}

// number reads a whole number from 1 to most.
func number(word, digits string, most int, to *int) error {
	v, err := strconv.Atoi(digits)
	if err != nil || v < 1 || v > most {
		return fmt.Errorf("%q is no option: want a width such as 0.5, a size such as 224, 96x64 or 1x28x28, classes such as c10, or a first stride such as s2, from 1 to %d", word, most)
	}
	*to = v
	return nil
}

// scale returns a number of channels times the width, without a fraction.
func (o *Options) scale(channels int) int { return max(1, int(float64(channels)*o.Width)) }
