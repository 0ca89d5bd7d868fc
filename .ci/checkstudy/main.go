// Command checkstudy checks what a small study left: results.json against itself and against the
// table that was printed. Usage: checkstudy results.json table.txt
package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
)

type design struct {
	ID            int
	Name          string
	Accuracy      *float64
	AccuracySE    *float64 `json:"accuracy_se"`
	AccuracySplit string   `json:"accuracy_split"`
	MemoryKB      *float64 `json:"memory_kb"`
	WeightsKB     *float64 `json:"weights_kb"`
	ActivationsKB *float64 `json:"activations_kb"`
	MetadataKB    *float64 `json:"metadata_kb"`
	LatencyMS     *float64 `json:"latency_ms"`
	EnergyUJ      *float64 `json:"energy_uj"`
}

func main() {
	if len(os.Args) != 3 {
		fail("usage: checkstudy results.json table.txt")
	}
	var r struct {
		Front, Baselines, Trials []design
		Complete                 bool
	}
	text, err := os.ReadFile(os.Args[1])
	check(err)
	check(json.Unmarshal(text, &r))
	table, err := os.ReadFile(os.Args[2])
	check(err)

	if !r.Complete {
		fail("the study is not complete")
	}
	if len(r.Baselines) != 4 {
		fail("%d baselines, want float and three homogeneous ones", len(r.Baselines))
	}
	if len(r.Front) == 0 || len(r.Trials) < len(r.Front)+4 {
		fail("%d designs on the front of %d trials", len(r.Front), len(r.Trials))
	}
	best := 0.0
	for _, d := range append(r.Front, r.Baselines...) {
		checkDesign(d)
		best = max(best, *d.Accuracy)
		if s := fmt.Sprintf("%.2f", *d.Accuracy); !strings.Contains(string(table), s) {
			fail("%s: accuracy %s is not in the table", d.Name, s)
		}
	}
	if best < 60 {
		fail("the best accuracy is %.2f %%; even this little training reaches more", best)
	}
	for i, d := range r.Front[1:] {
		if *d.MemoryKB < *r.Front[i].MemoryKB {
			fail("the front is not sorted by memory")
		}
	}
	fmt.Printf("ok: %d designs on the front, best accuracy %.2f %%\n", len(r.Front), best)
}

func checkDesign(d design) {
	for name, v := range map[string]*float64{
		"accuracy": d.Accuracy, "accuracy_se": d.AccuracySE, "memory_kb": d.MemoryKB, "weights_kb": d.WeightsKB,
		"activations_kb": d.ActivationsKB, "metadata_kb": d.MetadataKB,
	} {
		if v == nil || *v <= 0 {
			fail("%s: no %s", d.Name, name)
		}
	}
	if d.AccuracySplit != "test" {
		fail("%s: accuracy of the %q split, want test", d.Name, d.AccuracySplit)
	}
	if sum := *d.WeightsKB + *d.ActivationsKB + *d.MetadataKB; math.Abs(sum-*d.MemoryKB) > 1e-6*sum {
		fail("%s: parts of memory sum to %v kB, the whole is %v", d.Name, sum, *d.MemoryKB)
	}
	if d.Name != "float" && (d.LatencyMS == nil || *d.LatencyMS <= 0 || d.EnergyUJ == nil || *d.EnergyUJ <= 0) {
		fail("%s: no latency or energy", d.Name)
	}
}

func check(err error) {
	if err != nil {
		fail("%v", err)
	}
}

func fail(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "checkstudy: "+format+"\n", args...)
	os.Exit(1)
}
