package reports

import (
	"fmt"
	"io"
	"strings"

	"dse/accel/unit"
)

// MapReport is what lies where in the on-chip memories at each step of an inference.
type MapReport struct {
	Steps    []string // names, in order
	Memories []MemoryMap
}

// MemoryMap is the map of one memory.
type MemoryMap struct {
	Name           string
	Capacity, Peak unit.Bits
	PeakStep       int
	// Scattered is the most free space outside the largest gap, and Cut the number of blocks in pieces.
	Scattered unit.Bits
	Cut       int
	Blocks    []MapBlock
}

// MapBlock is something that takes space from one step to another, both included.
type MapBlock struct {
	Kind        MapKind
	What, Name  string
	First, Last int
	Bits        unit.Bits
	Pieces      []MapPiece
}

// MapPiece is a range of addresses.
type MapPiece struct{ Address, Bits unit.Bits }

// MapKind says how a block is drawn.
type MapKind uint8

const (
	// MapTensor blocks are drawn with a letter each.
	MapTensor MapKind = iota
	// MapWeights stay for good.
	MapWeights
	// MapKept is what a step keeps for further tiles.
	MapKept
	// MapBuffer is a streaming buffer of a step.
	MapBuffer
)

const (
	mapRows    = 16 // lines of a picture
	freeMark   = '.'
	tensorMark = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// kindMarks are the characters of blocks other than tensors.
var kindMarks = map[MapKind]rune{MapWeights: '#', MapKept: '+', MapBuffer: '-'}

// WriteMap draws each memory over time, addresses upwards and steps to the right, and lists what lives for
// more than one step. Where there are more steps than columns the picture goes on below.
func WriteMap(w io.Writer, r MapReport, o Options) error {
	for _, m := range r.Memories {
		if err := writeMemory(w, r.Steps, m, o); err != nil {
			return err
		}
	}
	return nil
}

func writeMemory(w io.Writer, steps []string, m MemoryMap, o Options) error {
	width := o.width()
	head := []string{"", fmt.Sprintf("%s: at most %.1f of %.1f KiB, in step %d (%s)",
		m.Name, kibibytes(m.Peak), kibibytes(m.Capacity), m.PeakStep+1, oneLine(steps[m.PeakStep]))}
	if m.Scattered > 0 {
		head = append(head, fmt.Sprintf("at most %.1f KiB of free space lie outside the largest gap; %d of %d blocks are in pieces",
			kibibytes(m.Scattered), m.Cut, len(m.Blocks)))
	}
	if err := writeProse(w, width, append(head, "")...); err != nil {
		return err
	}
	marks := markBlocks(m.Blocks)
	if err := writePicture(w, len(steps), m, marks, width); err != nil {
		return err
	}
	if err := writeProse(w, width, "", "# pinned weights, + kept for further tiles, - buffers, "+string(freeMark)+" free, letters tensors", ""); err != nil {
		return err
	}
	g := grid{columns: []column{
		{head: "block", wrap: 12}, {head: "what"}, {head: "mark"}, {head: "steps", right: true}, {head: "size\nKiB", right: true}, {head: "at\nKiB", right: true},
	}}
	short := 0
	for i, b := range m.Blocks {
		if b.First == b.Last {
			short++
			continue
		}
		g.rows = append(g.rows, row{cells: []string{oneLine(b.Name), oneLine(b.What), string(marks[i]), fmt.Sprintf("%d-%d", b.First+1, b.Last+1),
			fmt.Sprintf("%.2f", kibibytes(b.Bits)), addresses(b.Pieces)}})
	}
	if len(g.rows) > 0 {
		if err := g.write(w, width, o.Color); err != nil {
			return err
		}
	}
	return writeProse(w, width, fmt.Sprintf("beside these, %d blocks live for one step only", short))
}

func kibibytes(b unit.Bits) float64 { return float64(b) / unit.BitsPerKibibyte }

// addresses lists where the pieces of a block begin.
func addresses(pieces []MapPiece) string {
	var at []string
	for _, p := range pieces {
		at = append(at, fmt.Sprintf("%.2f", kibibytes(p.Address)))
	}
	return strings.Join(at, " ")
}

// markBlocks gives each block the character that it is drawn with.
func markBlocks(blocks []MapBlock) []rune {
	marks := make([]rune, len(blocks))
	tensors := 0
	for i, b := range blocks {
		if b.Kind == MapTensor {
			marks[i] = rune(tensorMark[tensors%len(tensorMark)])
			tensors++
			continue
		}
		marks[i] = kindMarks[b.Kind]
	}
	return marks
}

// writePicture draws one character for each step and each part of the addresses: that of the block which
// takes most of it.
func writePicture(w io.Writer, steps int, m MemoryMap, marks []rune, width int) error {
	scale := func(line int) float64 { return kibibytes(m.Capacity) * float64(mapRows-line) / mapRows }
	labels := len(fmt.Sprintf("%.1f", scale(0)))
	room := max(8, width-labels-2)
	for from := 0; from < steps; from += room {
		to := min(steps, from+room)
		for line := range mapRows {
			var text strings.Builder
			for step := from; step < to; step++ {
				text.WriteRune(m.markAt(step, mapRows-1-line, marks))
			}
			if _, err := fmt.Fprintf(w, "%*.1f |%s\n", labels, scale(line), text.String()); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintf(w, "%*s  %s\n", labels, "KiB", stepRuler(from, to)); err != nil {
			return err
		}
	}
	return nil
}

// stepRuler numbers every tenth step, and the first.
func stepRuler(from, to int) string {
	text := []byte(strings.Repeat(" ", to-from+4))
	for step := from; step < to; step++ {
		if step == from || (step+1)%10 == 0 && step-from > 3 {
			copy(text[step-from:], fmt.Sprint(step+1))
		}
	}
	return strings.TrimRight(string(text), " ")
}

// markAt returns the mark of the block that takes most of part `part` of mapRows at a step.
func (m MemoryMap) markAt(step, part int, marks []rune) rune {
	lo, hi := m.Capacity*unit.Bits(part)/mapRows, m.Capacity*unit.Bits(part+1)/mapRows
	taken := map[rune]unit.Bits{}
	mark, most := freeMark, hi-lo
	for i, b := range m.Blocks {
		if b.First > step || b.Last < step {
			continue
		}
		for _, p := range b.Pieces {
			if n := min(hi, p.Address+p.Bits) - max(lo, p.Address); n > 0 {
				taken[marks[i]] += n
				most -= n
			}
		}
	}
	// most is what is free. Blocks are asked in their order, so that ties have one answer.
	for i, b := range m.Blocks {
		if b.First <= step && step <= b.Last && taken[marks[i]] > most {
			mark, most = marks[i], taken[marks[i]]
		}
	}
	return mark
}
