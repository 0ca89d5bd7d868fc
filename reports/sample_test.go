package reports

import "encoding/json"

// sample is a study as it comes out of a short run; its figures are made up but hang together.
func sample() Results {
	phases := func(a, b, c Value) []Phase {
		return []Phase{{"homogeneous", a}, {"mixed", b}, {"fine-tune", c}}
	}
	design := func(id int, name string, acc, se, w, a, m, wb, ab, ms, uj Value, g []string, p []Phase) Design {
		return Design{ID: id, Name: name, Accuracy: acc, AccuracySE: se, AccuracySplit: "test", HeldAccuracy: acc + 0.4,
			MemoryKB: w + a + m, WeightsKB: w, ActivationsKB: a, MetadataKB: m, WeightBits: wb, ActivationBits: ab,
			LatencyMS: ms, EnergyUJ: uj, Granularity: g, Phases: p, Feasible: true}
	}
	t, k, c := "tensor", "column-tile", "channel"
	r := Results{
		Front: []Design{
			design(12, "design 12", 90.87, 0.29, 19.84, 17.64, 1.02, 4.55, 4.2, 0.3712, 18.91,
				[]string{t, t, t, c, c, c, c}, phases(0.2, 0.3, 0.2)),
			design(7, "design 7", 88.31, 0.32, 11.213, 9.408, 0.947, 2.575, 2.25, 0.2954, 13.42,
				[]string{t, t, t, t, t, t, t}, phases(0.1, 0.45, 0.15)),
			design(9, "design 9", 89.4, 0.31, 14.02, 12.152, 1.104, 3.225, 3.05, 0.3109, 15.07,
				[]string{t, k, c, t, k, c, t}, phases(0.25, 0.25, 0.2)),
			design(5, "design 5", 84.02, 0.37, 8.94, 7.84, 0.94, 2.05, 1.9, 0.2761, 11.98,
				[]string{c, c, c, c, c, c, t}, phases(0.15, 0.35, 0.2)),
		},
		Baselines: []Design{
			design(0, "float", 91.62, 0.28, 139.424, 150.528, 5.74, 32, 32, 1.8437, 152.6, nil, []Phase{{"float", 0.7}}),
			design(1, "homogeneous 8 bit", 91.05, 0.29, 34.856, 37.632, 0.931, 8, 8, 0.5126, 31.77,
				[]string{t, t, t, t, t, t, t}, phases(0.7, 0, 0)),
			design(2, "homogeneous 4 bit", 88.95, 0.31, 17.428, 18.816, 0.931, 4, 4, 0.3655, 18.4,
				[]string{t, t, t, t, t, t, t}, phases(0.7, 0, 0)),
			design(3, "homogeneous 2 bit", 61.4, 0.49, 8.714, 9.408, 0.931, 2, 2, 0.2745, 11.71,
				[]string{t, t, t, t, t, t, t}, phases(0.7, 0, 0)),
		},
		Seed: 1, Settings: json.RawMessage(`{"budget":"10m","objectives":["memory","error"]}`),
		Accelerator: "edge-npu", AcceleratorStatus: "estimated", Network: "mobilenetv2-micro", Data: "Fashion-MNIST",
		Stages:     []string{"stem", "block1", "block2", "block3", "block4", "head", "classifier"},
		Objectives: []string{"memory", "error"}, Limits: []string{"memory <= 64 KiB"},
		Complete: true, Command: "dse run --accel edge-npu.yaml",
	}
	r.Trials = append(r.Trials, r.Baselines...)
	r.Trials = append(r.Trials,
		design(4, "design 4", 79.3, 0.4, 12.1, 14.2, 1.0, 2.8, 3.5, 0.3391, 16.2, []string{t, t, t, t, c, c, c}, phases(0.2, 0.3, 0.2)),
		r.Front[3],
		Design{ID: 6, Name: "design 6", Accuracy: Unknown, AccuracySE: Unknown, HeldAccuracy: Unknown, MemoryKB: Unknown,
			WeightsKB: Unknown, ActivationsKB: Unknown, MetadataKB: Unknown, WeightBits: Unknown, ActivationBits: Unknown,
			LatencyMS: Unknown, EnergyUJ: Unknown, Granularity: []string{c, c, c, c, c, c, c}, Phases: phases(0.1, 0.5, 0.1),
			Failed: true, Reason: "loss is not a number in phase mixed, epoch 0.31"},
		r.Front[1],
		design(8, "design 8", 86.9, 0.34, 15.4, 20.1, 1.1, 3.5, 4.6, 0.3702, 18.8, []string{k, k, k, k, c, c, c}, phases(0.3, 0.2, 0.2)),
		r.Front[2],
		design(10, "design 10", 88.02, 0.32, 21.7, 16.9, 1.1, 5.0, 4.1, 0.3811, 19.6, []string{t, t, k, k, c, c, c}, phases(0.2, 0.2, 0.3)),
		design(11, "design 11", 82.2, 0.38, 10.4, 11.9, 1.0, 2.4, 2.9, 0.3006, 13.9, []string{t, t, t, t, t, t, c}, phases(0.3, 0.3, 0.1)),
		r.Front[0],
	)
	return r
}
