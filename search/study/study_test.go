package study

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

type program struct {
	Model  string   `json:"model"`
	Search searched `json:"search"`
}

type searched struct {
	Evaluations int      `json:"evaluations"`
	Goals       []string `json:"goals"`
	Limit       *float64 `json:"limit,omitempty"`
}

const sampleYAML = "name: sample\nsram:\n  banks: 8\n"

func sampleSettings() Settings {
	return Settings{
		Program:     program{"mobilenetv2", searched{Evaluations: 32, Goals: []string{"error", "latency"}}},
		Accelerator: sampleYAML,
		Seed:        1<<63 + 5, // more than SQLite's integers hold
	}
}

var sampleTrials = []Trial{
	{ID: 0, Kind: "float", Genome: "float", Key: "aa", Status: Pending, Seed: 1<<64 - 1},
	{ID: 1, Kind: "design", Genome: "weights=4.00", Key: "bb", Status: Pending, Seed: 2},
	{ID: 2, Kind: "design", Genome: "weights=4.05", Key: "cc", Status: Pending, Seed: 3},
}

func create(t testing.TB, dir string) *Study {
	t.Helper()
	st, err := Create(dir, sampleSettings())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return st
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// createFilled leaves a closed study with one finished, one failed and one pending trial.
func createFilled(t testing.TB, dir string) (digest string) {
	t.Helper()
	st := create(t, dir)
	must(t, st.Queue(sampleTrials))
	for id := range 2 {
		must(t, st.Start(id, time.Unix(1e9, 0), time.Second))
	}
	must(t, st.Finish(Trial{ID: 0, Status: Finished, Outcome: []byte(`{"objectives":[]}`), Seconds: 1.5}, 90*time.Second))
	must(t, st.Finish(Trial{ID: 1, Status: Failed, Outcome: []byte(`{}`), Reason: "diverged", Seconds: 2}, 95*time.Second))
	digest, err := st.Digest()
	must(t, err)
	must(t, st.Close())
	return digest
}

func filled() []Trial {
	trials := slices.Clone(sampleTrials)
	trials[0].Status, trials[0].Outcome, trials[0].Seconds = Finished, []byte(`{"objectives":[]}`), 1.5
	trials[1].Status, trials[1].Outcome, trials[1].Reason, trials[1].Seconds = Failed, []byte(`{}`), "diverged", 2
	return trials
}

func TestStudyKeeps(t *testing.T) {
	// Paths that a URI would read otherwise.
	for _, name := range []string{"plain", "a b", "50%", "what?x=1", "no#1", "größe", "a&b=c", "%3f"} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), name, "study")
			digest := createFilled(t, dir)
			files, err := filepath.Glob(filepath.Join(filepath.Dir(filepath.Dir(dir)), "*"))
			must(t, err)
			if len(files) != 1 {
				t.Errorf("the study spread to %v", files)
			}
			for how, open := range map[string]func() (*Study, error){
				"open":           func() (*Study, error) { return Open(dir, sampleSettings()) },
				"open or create": func() (*Study, error) { return OpenOrCreate(dir, sampleSettings()) },
				"load":           func() (*Study, error) { return Load(dir) },
			} {
				st, err := open()
				must(t, err)
				trials, err := st.Trials()
				must(t, err)
				if diff := cmp.Diff(filled(), trials, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("%s: trials (-want +got):\n%s", how, diff)
				}
				spent, err := st.Spent()
				must(t, err)
				if spent != 95*time.Second {
					t.Errorf("%s: spent %v", how, spent)
				}
				if got, err := st.Digest(); err != nil || got != digest {
					t.Errorf("%s: digest %s (%v), want %s", how, got, err, digest)
				}
				if st.Seed() != sampleSettings().Seed || st.Accelerator() != sampleYAML ||
					string(st.Program()) != `{"model":"mobilenetv2","search":{"evaluations":32,"goals":["error","latency"]}}` {
					t.Errorf("%s: seed %d, accelerator %q, program %s", how, st.Seed(), st.Accelerator(), st.Program())
				}
				must(t, st.Close())
			}
		})
	}
}

func TestDigest(t *testing.T) {
	base := createFilled(t, t.TempDir())
	for _, c := range []struct {
		name string
		sql  string
		same bool
	}{
		{"times", `UPDATE trials SET seconds = 77, started_at = '2001-01-01'`, true},
		{"time spent", `UPDATE meta SET value = '1234' WHERE key = 'spent_seconds'`, true},
		{"kind", `UPDATE trials SET kind = 'baseline' WHERE id = 1`, false},
		{"genome", `UPDATE trials SET genome = 'x' WHERE id = 2`, false},
		{"key", `UPDATE trials SET key = 'x' WHERE id = 2`, false},
		{"status", `UPDATE trials SET status = 'finished' WHERE id = 2`, false},
		{"seed of a trial", `UPDATE trials SET seed = '7' WHERE id = 2`, false},
		{"outcome", `UPDATE trials SET outcome = '{"a":1}' WHERE id = 0`, false},
		{"reason", `UPDATE trials SET reason = 'x' WHERE id = 1`, false},
		{"id", `UPDATE trials SET id = 9 WHERE id = 2`, false},
		{"one less", `DELETE FROM trials WHERE id = 2`, false},
		// The texts of two fields side by side stay the same.
		{"border of fields", `UPDATE trials SET kind = 'designw', genome = 'eights=4.05' WHERE id = 2`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			createFilled(t, dir)
			st, err := Open(dir, sampleSettings())
			must(t, err)
			defer st.Close()
			_, err = st.db.Exec(c.sql)
			must(t, err)
			digest, err := st.Digest()
			must(t, err)
			if (digest == base) != c.same {
				t.Errorf("digest the same: %v, want %v", digest == base, c.same)
			}
		})
	}
}

func TestExistence(t *testing.T) {
	dir := t.TempDir()
	if Exists(dir) {
		t.Fatal("an empty folder holds a study")
	}
	_, openErr := Open(dir, sampleSettings())
	_, loadErr := Load(dir)
	for _, err := range []error{openErr, loadErr} {
		wantInput(t, err, "there is no study")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("looking for a study left %v (%v)", entries, err)
	}
	create(t, dir).Close()
	if !Exists(dir) {
		t.Fatal("the study is not found")
	}
	_, err := Create(dir, sampleSettings())
	wantInput(t, err, "exists already")
}

func wantInput(t *testing.T, err error, parts ...string) {
	t.Helper()
	if input := (*InputError)(nil); !errors.As(err, &input) {
		t.Errorf("error %v is no InputError", err)
		return
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q lacks %q", err, part)
		}
	}
}

func TestOtherSettings(t *testing.T) {
	limit := 2.5
	for _, c := range []struct {
		name   string
		change func(*Settings, *program)
		want   []string
	}{
		{"value", func(_ *Settings, p *program) { p.Search.Evaluations = 64 }, []string{"search.evaluations: the study has 32, now it is 64"}},
		{"list", func(_ *Settings, p *program) { p.Search.Goals = []string{"error"} },
			[]string{`search.goals: the study has ["error","latency"], now it is ["error"]`}},
		{"new key", func(_ *Settings, p *program) { p.Search.Limit = &limit }, []string{"search.limit: the study has none, now it is 2.5"}},
		{"seed", func(s *Settings, _ *program) { s.Seed = 7 }, []string{"seed: the study has 9223372036854775813, now it is 7"}},
		{"accelerator", func(s *Settings, _ *program) { s.Accelerator = strings.Replace(sampleYAML, "8", "16", 1) },
			[]string{`accelerator: line 3: the study has "banks: 8", now it is "banks: 16"`}},
		{"accelerator cut short", func(s *Settings, _ *program) { s.Accelerator = "name: sample" },
			[]string{`accelerator: line 2: the study has "sram:", now it is nothing`}},
		{"all at once", func(s *Settings, p *program) { p.Model = "resnet18"; s.Seed = 7 },
			[]string{`model: the study has "mobilenetv2", now it is "resnet18"`, "seed: ", "the same settings to continue", "another --study folder"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			createFilled(t, dir)
			before := readFile(t, dir)
			s := sampleSettings()
			p := s.Program.(program)
			c.change(&s, &p)
			s.Program = p
			_, err := Open(dir, s)
			wantInput(t, err, c.want...)
			if !slices.Equal(before, readFile(t, dir)) {
				t.Error("the file changed")
			}
			// The other way round, keys that are gone are named too.
			if c.name == "new key" {
				other := t.TempDir()
				st, err := Create(other, s)
				must(t, err)
				must(t, st.Close())
				_, err = Open(other, sampleSettings())
				wantInput(t, err, "search.limit: the study has 2.5, now it is not given")
			}
		})
	}
	_, err := Create(t.TempDir(), Settings{Program: 3})
	wantInput(t, err, "settings must be a JSON object, not 3")
}

func readFile(t testing.TB, dir string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, fileName))
	must(t, err)
	return data
}

func TestEqualSettingsInOtherOrder(t *testing.T) {
	dir := t.TempDir()
	create(t, dir).Close()
	s := sampleSettings()
	s.Program = map[string]any{
		"search": map[string]any{"goals": []string{"error", "latency"}, "evaluations": 32},
		"model":  "mobilenetv2",
	}
	st, err := Open(dir, s)
	must(t, err)
	must(t, st.Close())
}

func TestBadTransitionsPanic(t *testing.T) {
	for _, c := range []struct {
		name, want string
		do         func(*Study)
	}{
		{"finish again", "study: update of a trial that is not pending", func(s *Study) { s.Finish(Trial{ID: 0, Status: Finished}, 0) }},
		{"start what has ended", "study: update of a trial that is not pending", func(s *Study) { s.Start(1, time.Unix(0, 0), 0) }},
		{"start what is not there", "study: update of a trial that is not pending", func(s *Study) { s.Start(7, time.Unix(0, 0), 0) }},
		{"finish as pending", "study: a trial must end finished or failed", func(s *Study) { s.Finish(Trial{ID: 2, Status: Pending}, 0) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			digest := createFilled(t, dir)
			st, err := Open(dir, sampleSettings())
			must(t, err)
			defer st.Close()
			defer func() {
				if got := recover(); got != c.want {
					t.Errorf("panic %v, want %q", got, c.want)
				}
			}()
			c.do(st)
			_ = digest
		})
	}
	t.Run("write to a loaded study", func(t *testing.T) {
		dir := t.TempDir()
		createFilled(t, dir)
		st, err := Load(dir)
		must(t, err)
		defer st.Close()
		defer func() {
			if got := recover(); got != "study: write to a study opened for reading" {
				t.Errorf("panic %v", got)
			}
		}()
		st.SetSpent(time.Second)
	})
}

func TestQueueIsAllOrNothing(t *testing.T) {
	st := create(t, t.TempDir())
	must(t, st.Queue(sampleTrials[:1]))
	if err := st.Queue([]Trial{sampleTrials[1], sampleTrials[0]}); err == nil {
		t.Error("an id is taken twice")
	}
	if trials, err := st.Trials(); err != nil || len(trials) != 1 {
		t.Errorf("%d trials (%v), want 1", len(trials), err)
	}
}

func TestLock(t *testing.T) {
	dir := t.TempDir()
	writer := create(t, dir)
	_, err := Open(dir, sampleSettings())
	wantInput(t, err, "is being run by another process", "--study")

	reader, err := Load(dir)
	must(t, err)
	must(t, writer.Queue(sampleTrials))
	if trials, err := reader.Trials(); err != nil || len(trials) != len(sampleTrials) {
		t.Errorf("a reader sees %d trials (%v), want %d", len(trials), err, len(sampleTrials))
	}
	must(t, reader.Close())

	must(t, writer.Close())
	again, err := Open(dir, sampleSettings())
	must(t, err)
	must(t, again.Close())
}

// TestLocks runs one suite over the lock of this system and the one for all others.
func TestLocks(t *testing.T) {
	for name, acquire := range map[string]func(string) (io.Closer, error){"system": acquireLock, "sqlite": sqliteLock} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), lockName)
			for round := range 2 {
				held, err := acquire(path)
				must(t, err)
				if second, err := acquire(path); !errors.Is(err, errLocked) {
					t.Fatalf("round %d: second lock %v, error %v, want %v", round, second, err, errLocked)
				}
				must(t, held.Close())
			}
			if _, err := acquire(filepath.Join(path, "no", "folder")); err == nil || errors.Is(err, errLocked) {
				t.Errorf("lock in a file's folder: %v", err)
			}
		})
	}
}

func TestDraftOfAKilledProcess(t *testing.T) {
	dir := t.TempDir()
	for _, suffix := range []string{"", "-wal", "-journal"} {
		must(t, os.WriteFile(filepath.Join(dir, fileName+".new"+suffix), []byte("half a study"), 0o644))
	}
	create(t, dir).Close()
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		if strings.Contains(e.Name(), ".new") {
			t.Errorf("%s is left", e.Name())
		}
	}
}

func BenchmarkFinish(b *testing.B) {
	st := create(b, b.TempDir())
	trials := make([]Trial, b.N)
	for i := range trials {
		trials[i] = Trial{ID: i, Kind: "design", Genome: fmt.Sprint(i), Key: fmt.Sprint(i)}
	}
	must(b, st.Queue(trials))
	b.ResetTimer()
	for i := range b.N {
		must(b, st.Finish(Trial{ID: i, Status: Finished, Outcome: []byte(`{}`)}, 0))
	}
}

// A study is extended only in the keys named, and has the new settings from then on.
func TestExtend(t *testing.T) {
	dir := t.TempDir()
	st := create(t, dir)
	must(t, st.Queue(sampleTrials))
	must(t, st.Close())
	before, err := os.ReadFile(st.Path())
	must(t, err)

	more := sampleSettings()
	more.Program = program{"mobilenetv2", searched{Evaluations: 64, Goals: []string{"error", "latency"}}}
	other := sampleSettings()
	other.Program = program{"mobilenetv2", searched{Evaluations: 64, Goals: []string{"error"}}}
	for _, refuse := range []func() (*Study, error){
		func() (*Study, error) { return Open(dir, more) },
		func() (*Study, error) { return Extend(dir, other, "search.evaluations") },
		func() (*Study, error) { return Extend(t.TempDir(), more, "search.evaluations") },
	} {
		if _, err := refuse(); err == nil || !errors.As(err, new(*InputError)) {
			t.Fatalf("error %v, want an InputError", err)
		}
	}
	after, err := os.ReadFile(st.Path())
	if must(t, err); !slices.Equal(before, after) {
		t.Error("a refused extension changed the file")
	}

	st, err = Extend(dir, more, "search.evaluations")
	must(t, err)
	extended, err := st.Digest()
	must(t, err)
	must(t, st.Close())
	if _, err := Open(dir, sampleSettings()); err == nil {
		t.Error("the extended study opens with the old settings")
	}
	whole, err := Create(t.TempDir(), more)
	must(t, err)
	must(t, whole.Queue(sampleTrials))
	want, err := whole.Digest()
	must(t, err)
	must(t, whole.Close())
	if extended != want {
		t.Errorf("digest %s, that of a study with these settings from the start is %s", extended, want)
	}
}
