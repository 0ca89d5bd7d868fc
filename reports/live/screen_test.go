package live

import (
	"strconv"
	"strings"
	"sync"
)

// screen is a terminal as far as bars need one: text, line ends, "cursor up" and "erase below".
// Anything else is recorded as an error.
type screen struct {
	mu       sync.Mutex
	lines    []string // without the line ends
	row      int
	widest   int
	problems []string
}

// Write implements io.Writer.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for text := string(p); text != ""; {
		switch {
		case text[0] == '\n':
			s.row++
			text = text[1:]
		case strings.HasPrefix(text, "\x1b["):
			text = s.escape(text[2:])
		default:
			n := strings.IndexAny(text, "\n\x1b")
			if n < 0 {
				n = len(text)
			}
			s.print(text[:n])
			text = text[n:]
		}
	}
	return len(p), nil
}

func (s *screen) print(text string) {
	for len(s.lines) <= s.row {
		s.lines = append(s.lines, "")
	}
	s.lines[s.row] += text
	s.widest = max(s.widest, displayWidth(s.lines[s.row]))
}

// escape obeys the sequence that text begins with and returns the rest.
func (s *screen) escape(text string) string {
	end := strings.IndexFunc(text, func(r rune) bool { return r >= '@' })
	if end < 0 {
		s.problems = append(s.problems, "unfinished sequence")
		return ""
	}
	switch n, _ := strconv.Atoi(text[:end]); text[end] {
	case 'A':
		if s.row -= n; s.row < 0 {
			s.problems = append(s.problems, "cursor above the first line")
			s.row = 0
		}
	case 'J':
		s.lines = s.lines[:min(len(s.lines), s.row)]
	default:
		s.problems = append(s.problems, "unknown sequence "+text[:end+1])
	}
	return text[end+1:]
}

// text returns what is on the screen.
func (s *screen) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.lines, "\n")
}
