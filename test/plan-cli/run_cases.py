#!/usr/bin/env python3
"""Runs moe-plan as a user does and checks what it prints.

usage: run_cases.py MOE_PLAN SOURCE_DIR

Every case runs in a temporary folder. Cases on real data are left out, with a
message, where ../shared and MOEC_SHARED are absent.
"""
import json
import os
import subprocess
import sys
import tempfile

TOOL, SOURCE = sys.argv[1:3]
SHARED = os.environ.get("MOEC_SHARED", os.path.join(SOURCE, "..", "shared"))
HARDWARE = os.path.join(SOURCE, "examples", "hardware")
failures = 0


def run(*words):
    done = subprocess.run([TOOL, *map(str, words)], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def expect(condition, what):
    global failures
    if not condition:
        failures += 1
        print("FAILED:", what)


def good(*words):
    code, out, err = run(*words)
    expect(code == 0, f"{words}: exit {code}: {err}")
    return out


def bad(status, message, *words):
    code, out, err = run(*words)
    expect(code == status, f"{words}: exit {code}, expected {status}")
    expect(message in err, f"{words}: '{message}' is not in '{err.strip()}'")
    expect(out == "", f"{words}: printed '{out[:80]}' besides the error")


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def all_to_all():
    write("T.csv", "0,10,20\n5,0,7\n9,3,0\n")
    equal = json.loads(good("solve", "all-to-all", "--traffic", "T.csv",
                            "--bandwidth", "10", "--json"))
    expect(equal["bound_s"] == 3 and equal["makespan_s"] == 3, "equal ports meet the bound")
    sent = {}
    for step in equal["rounds"]:
        for send in step["sends"]:
            pair = (send["src"], send["dst"])
            sent[pair] = sent.get(pair, 0) + send["bytes"]
    expect(sent == {(0, 1): 10, (0, 2): 20, (1, 0): 5, (1, 2): 7, (2, 0): 9, (2, 1): 3},
           "rounds send the traffic")
    expect("sjf" in equal["baselines"], "baselines are named")
    uneven = json.loads(good("solve", "all-to-all", "--traffic", "T.csv",
                             "--bandwidth", "10,8,5", "--json", "-o", "a.json") or
                        open("a.json").read())
    expect(abs(uneven["makespan_s"] - uneven["bound_s"]) < 0.2, "unequal ports are near the bound")
    expect("send every byte once" in good("verify", "a.json"), "verify")
    good("simulate", "a.json", "--timeline", "t.json")
    expect(json.load(open("t.json"))["traceEvents"], "a timeline is written")
    write("T4.csv", "0,1,1,1\n1,0,1,1\n1,1,0,1\n1,1,1,0\n")
    text = good("solve", "all-to-all", "--traffic", "T4.csv", "--hardware",
                os.path.join(HARDWARE, "mixed-4.yaml"))
    expect("rounds" in text and "baselines" in text, "text output")


def all_to_all_errors():
    solve = ("solve", "all-to-all", "--traffic")
    write("x.csv", "0,1\n2,x\n")
    bad(1, "x.csv:2:3: 'x' is no number of bytes", *solve, "x.csv", "--bandwidth", "1")
    bad(1, "no such file", *solve, "none.csv", "--bandwidth", "1")
    bad(2, "give either --hardware or --bandwidth", *solve, "T.csv")
    bad(2, "no finite number above 0", *solve, "T.csv", "--bandwidth", "nan")
    bad(2, "no finite number above 0", *solve, "T.csv", "--bandwidth", "1,-1,1")
    bad(1, "range from 1e-300 to 1e+300 bytes/s", *solve, "T.csv", "--bandwidth", "1e-300,1,1e300")
    bad(2, "--bandwidth has 2 values", *solve, "T.csv", "--bandwidth", "1,1")
    bad(1, "4 devices, the traffic 3 ranks", *solve, "T.csv", "--hardware",
        os.path.join(HARDWARE, "4-devices.yaml"))
    plan = json.load(open("a.json"))
    plan["rounds"][0]["sends"][0]["bytes"] += 1
    write("broken.json", json.dumps(plan))
    bad(1, "broken.json: round 0", "verify", "broken.json")
    plan = json.load(open("a.json"))
    plan["makespan_s"] *= 0.5
    write("lie.json", json.dumps(plan))
    bad(1, "lie.json: the plan states makespan_s", "verify", "lie.json")


def two_nodes():
    rows = [",".join("0" if i == j else str(1000 * i + 100 * j) for j in range(8))
            for i in range(8)]
    write("T8.csv", "\n".join(rows))
    plan = json.loads(good("solve", "all-to-all", "--traffic", "T8.csv", "--hardware",
                           os.path.join(HARDWARE, "2-nodes-8.yaml"), "--json", "-o", "n.json") or
                      open("n.json").read())
    expect(plan["port_bandwidth"] == [12.5e9] * 8, "a device has its share of the network")
    expect("hierarchical" in plan["baselines"], "sending between nodes together is compared")
    good("verify", "n.json")


def hierarchical():
    hardware = ("--hardware", os.path.join(HARDWARE, "2-nodes-8.yaml"))
    solve = ("solve", "all-to-all", "--traffic", "T8.csv")
    plan = json.loads(good(*solve, *hardware, "--hierarchical", "--json", "-o", "h.json") or
                      open("h.json").read())
    expect(plan["kind"] == "hierarchical-all-to-all" and plan["devices_per_node"] == 4, "kind")
    expect(plan["bound_s"] <= plan["makespan_s"] <= plan["baselines"]["flat"], "bound and flat")
    expect("carry every byte once" in good("verify", "h.json"), "verify")
    simulated = json.loads(good("simulate", "h.json", "--timeline", "t.json", "--json"))
    expect(plan["bound_s"] <= simulated["makespan_s"] <= 1.5 * plan["makespan_s"], "simulated")
    expect("network" in open("t.json").read(), "the timeline has the network")
    words = (*solve, "--bandwidth", "1e9", "--nodes", "2", "--intra-bandwidth", "9e9")
    expect("rounds between 2 nodes" in good(*words, "--hierarchical"), "text output")
    expect("hierarchical" in json.loads(good(*words, "--json"))["baselines"], "compared with flat")
    bad(1, "needs several equal nodes", *solve, "--bandwidth", "1", "--hierarchical")
    bad(2, "go with --bandwidth", *solve, *hardware, "--nodes", "2")
    bad(2, "option --intra-bandwidth is missing", *solve, "--bandwidth", "1", "--nodes", "2")
    bad(2, "option --nodes is missing", *solve, "--bandwidth", "1", "--intra-bandwidth", "2")
    bad(2, "take one value", *solve, "--bandwidth", "1,1,1,1,1,1,1,1", "--nodes", "2",
        "--intra-bandwidth", "9")
    bad(2, "8 devices cannot be shared out equally over 3 nodes", *solve, "--bandwidth", "1",
        "--nodes", "3", "--intra-bandwidth", "9")
    plan["slices"][0]["bytes"] += 1
    write("broken.json", json.dumps(plan))
    bad(1, "bytes are left to send", "verify", "broken.json")
    bad(1, "broken.json: slice of", "simulate", "broken.json")
    plan["slices"][0]["bytes"] -= 1
    plan["bound_s"] *= 0.5
    write("lie.json", json.dumps(plan))
    bad(1, "the plan states bound_s", "verify", "lie.json")
    bad(1, "the plan is of kind hierarchical-all-to-all", "compare", "h.json", "h.json")


def colocation():
    write("A.json", '{"logical_count": [[90, 10, 20, 30]]}')
    write("B.json", '{"logical_count": [[1, 2, 3, 94]]}')
    words = ("solve", "colocate", "--routing", "A.json", "--routing", "B.json", "--hardware",
             os.path.join(HARDWARE, "4-devices.yaml"))
    plan = json.loads(good(*words, "--json"))
    pairs = plan["layers"][0]["pairs"]
    expect(sorted(pair["device"] for pair in pairs) == [0, 1, 2, 3], "each device has a pair")
    expect(sorted(pair["b"][0] for pair in pairs) == [0, 1, 2, 3], "each expert of B is placed")
    expect([0] not in [pair["a"] for pair in pairs if pair["b"] == [3]],
           "the two busiest experts are apart")
    expect(plan["bound_s"] <= plan["objective_s"] <= plan["baselines"]["linear"],
           "bound and baseline")
    good(*words, "--json", "-o", "c.json")
    expect("a pair on each of 4 devices" in good("verify", "c.json"), "verify")
    simulated = json.loads(good("simulate", "c.json", "--timeline", "t.json", "--json"))
    expect(simulated["makespan_s"] >= plan["objective_s"] * (1 - 1e-9), "simulated")
    expect("ffn of b" in open("t.json").read(), "the timeline has the phases")
    plan["objective_s"] *= 0.5
    write("lie.json", json.dumps(plan))
    bad(1, "the plan states objective_s", "verify", "lie.json")
    expect("of A with" in good(*words), "text output")
    bad(2, "give --routing twice", *words[:4], *words[6:])
    bad(2, "takes one value", *words, "--token-seconds", "1,2")
    write("C.json", '{"logical_count": [[1, 2, 3]]}')
    bad(1, "model B has 3 experts", "solve", "colocate", "--routing", "A.json", "--routing",
        "C.json", *words[6:])


def placement():
    steps = [[8, 1, 1, 2], [6, 2, 1, 3], [9, 1, 2, 2], [7, 2, 2, 1]]
    write("r.json", json.dumps({"format": "moec-routing/1", "layers": [
        {"layer": 3, "experts": 4, "top_k": 1, "step_loads": steps}]}))
    words = ("solve", "placement", "--routing", "r.json", "--devices", "2", "--speed", "1,0.5")
    plan = json.loads(good(*words, "--slots", "6", "--json"))
    layer = plan["layers"][0]
    expect(layer["layer"] == 3 and len(layer["devices"]) == 2, "layers and devices")
    expect(sorted(set(sum(layer["devices"], []))) == [0, 1, 2, 3], "every expert is placed")
    expect(plan["objective_s"] >= plan["bound_s"] > 0, "bound below objective")
    expect(set(plan["held_out"]) == {"objective_s", "bound_s", "baselines"}, "held out")
    expect("linear" in plan["baselines"] and "linear" in plan["held_out"]["baselines"],
           "baselines on both parts")
    for strategy in ("linear", "round-robin", "eplb", "average", "step", "resampled", "exact",
                     "best"):
        other = json.loads(good(*words, "--strategy", strategy, "--fit", "1", "--json",
                                "-o", "p.json") or open("p.json").read())
        expect("held_out" not in other, "--fit 1 holds nothing out")
        expect("every expert placed" in good("verify", "p.json"), f"verify {strategy}")
    good(*words, "--strategy", "linear", "--json", "-o", "linear.json")
    good(*words, "--strategy", "step", "--json", "-o", "step.json")
    both = json.loads(good("compare", "linear.json", "step.json", "--routing", "r.json", "--json"))
    expect(both["plans"][1]["objective_s"] <= both["plans"][0]["objective_s"], "step beats linear")
    good(*words, "--strategy", "round-robin", "--json", "-o", "robin.json")
    moved = json.loads(good("compare", "linear.json", "robin.json", "--json"))
    expect(moved["moves"] == 2, "moves are counted")
    text = good("explain", "step.json", "--layer", "3", "--expert", "0")
    expect("straggler" in text and "on device" in text and "bound" in text, "explain")
    simulated = json.loads(good("simulate", "step.json", "--routing", "r.json", "--timeline",
                                "t.json", "--json"))
    expect(abs(simulated["makespan_s"] - both["plans"][1]["objective_s"]) < 1e-9,
           "simulated time is the objective")


def uneven_capacity():
    words = ("solve", "placement", "--routing", "r.json", "--devices", "2", "--speed", "1,0.2",
             "--fit", "1", "--json")
    equal = json.loads(good(*words))
    expect([len(held) for held in equal["layers"][0]["devices"]] == [2, 2], "equal shares")
    expect("capacity" not in equal, "no capacity was given")
    uneven = json.loads(good(*words, "--capacity", "3", "-o", "u.json") or open("u.json").read())
    expect([len(held) for held in uneven["layers"][0]["devices"]] == [3, 1], "a slow device holds less")
    expect(uneven["slots"] == 4 and uneven["capacity"] == [3, 3], "the slots stay")
    expect(uneven["objective_s"] < equal["objective_s"], "which is faster")
    expect(uneven["baselines"]["eplb"] == equal["baselines"]["eplb"], "EPLB cannot")
    expect("every expert placed" in good("verify", "u.json"), "verify")
    good("simulate", "u.json", "--routing", "r.json")
    least = json.loads(good(*words, "--capacity", "1,3"))["layers"][0]["devices"]
    expect([len(held) for held in least] == [1, 3], "one number a device")
    bad(2, "--capacity has 3 values for 2 devices", *words, "--capacity", "1,1,1")
    bad(2, "option --capacity: 'x' is no integer", *words, "--capacity", "x")
    bad(1, "exceeds the devices' capacity of 2", *words, "--capacity", "1")


def replanning():
    good("solve", "placement", "--routing", "r.json", "--devices", "4", "--slots", "8", "--fit", "1",
         "--json", "-o", "old.json")
    plan = json.loads(good("replan", "old.json", "--moves", "4", "--lost", "2", "--json",
                           "-o", "new.json") or open("new.json").read())
    expect(plan["strategy"] == "replan" and plan["layers"][0]["devices"][2] == [], "device 2 is empty")
    expect(plan["capacity"] == [3, 3, 0, 2], "slots are shared by those that are left")
    expect(plan["objective_s"] >= plan["bound_s"] and "afresh" in plan["baselines"], "score")
    expect("every expert placed" in good("verify", "new.json"), "verify")
    good("simulate", "new.json", "--routing", "r.json")
    good("explain", "new.json", "--layer", "3", "--expert", "0")
    moved = json.loads(good("compare", "old.json", "new.json", "--json"))["moves"]
    expect(moved <= 4 and f"replan: {moved} of at most 4" in plan["reason"], "moves are counted")
    write("r5.json", json.dumps({"format": "moec-routing/1", "layers": [
        {"layer": 3, "experts": 4, "top_k": 1, "step_loads": [[1, 9, 8, 1]]}]}))
    drift = ("replan", "linear.json", "--routing", "r5.json", "--json", "--moves")
    costs = [json.loads(good(*drift, moves)) for moves in (0, 1, 2)]
    expect(costs[0]["objective_s"] == costs[0]["baselines"]["old"], "no move: the old plan stays")
    expect(costs[2]["objective_s"] < costs[0]["objective_s"], "moves help")
    expect("copy" in good(*drift[:4], "--moves", "2"), "text output")
    bad(2, "option --moves is missing", "replan", "old.json")
    bad(2, "no integer from 0", "replan", "old.json", "--moves", "-1")
    bad(2, "option --lost: '4' is no integer from 0 to 3", "replan", "old.json", "--moves", "1", "--lost", "0,4")
    bad(2, "'' is no integer", "replan", "old.json", "--moves", "1", "--lost", "0,")
    bad(2, "no device is left", "replan", "old.json", "--moves", "1", "--lost", "0,1,2,3")
    bad(1, "experts without a device need", "replan", "linear.json", "--moves", "0", "--lost", "0",
        "--routing", "r.json")
    bad(1, "4 experts for 3 slots", "replan", "old.json", "--moves", "9", "--slots", "3")
    bad(1, "this command takes a placement", "replan", "a.json", "--moves", "1")
    old = json.load(open("old.json"))
    old["inputs"] = []
    write("alone.json", json.dumps(old))
    bad(1, "the statistics of the plan are gone or changed", "replan", "alone.json", "--moves", "1")


def popularity():
    rows = [json.dumps({"token_idx": t, "layer": l, "topk_ids": [(t + l) % 4, (t + l + 1) % 4]})
            for t in range(32) for l in range(3)]
    header = "".join(row + "\n" for row in rows)
    write("log.jsonl", header)
    words = ("solve", "popularity", "--routing", "log.jsonl", "--devices", "4", "--step-tokens", "4")
    plan = json.loads(good(*words, "--path-length", "2", "--json", "-o", "pop.json") or
                      open("pop.json").read())
    expect(plan["strategy"] == "popularity" and plan["slots"] == 16, "four slots a device")
    expect(plan["bound_s"] <= plan["objective_s"], "bound below objective")
    expect(set(plan["baselines"]) == {"linear", "after-the-gate"}, "baselines")
    good("verify", "pop.json")
    text = good(*words)
    expect("% guessed" in text and "device 3:" in text, "text output")
    bad(2, "option --routing is missing", "solve", "popularity", "--devices", "2")
    bad(1, "nothing is left to estimate for", *words, "--fit", "1")
    bad(1, "experts on 4 devices of at most 1", "solve", "popularity", "--routing", "log.jsonl",
        "--devices", "4", "--step-tokens", "4", "--experts", "5", "--experts-per-device", "1")
    bad(1, "token ids", "solve", "popularity", "--routing", "r.json", "--devices", "4")


def nodes():
    write("r8.json", json.dumps({"format": "moec-routing/1", "layers": [
        {"layer": 0, "experts": 8, "top_k": 1, "step_loads": [[8, 1, 1, 2, 5, 3, 1, 1]]}]}))
    words = ("solve", "placement", "--routing", "r8.json", "--devices", "4", "--strategy",
             "eplb-hierarchical", "--json")
    plan = json.loads(good(*words, "--nodes", "2", "--expert-groups", "4"))
    expect("eplb-hierarchical" in plan["baselines"], "hierarchical EPLB is compared")
    expect(len(plan["machine"]["nodes"]) == 2, "two nodes")
    for node in (plan["layers"][0]["devices"][:2], plan["layers"][0]["devices"][2:]):
        held = sorted(sum(node, []))
        expect(all(e ^ 1 in held for e in held), "an expert group stays on its node")
    bad(1, "3 expert groups on 2 nodes", *words, "--nodes", "2", "--expert-groups", "3")
    bad(2, "4 devices cannot be shared out equally over 3 nodes", *words, "--nodes", "3")
    bad(2, "--nodes goes with --devices", "solve", "placement", "--routing", "r8.json", "--hardware",
        os.path.join(HARDWARE, "4-devices.yaml"), "--nodes", "2")


def conversions():
    for form in ("sglang", "trtllm", "ascend"):
        good("convert", "linear.json", "--to", form, "-o", f"l.{form}")
        good("convert", f"l.{form}", "--to", "plan", "--devices", "2", "-o", "back.json")
        want = json.load(open("linear.json"))["layers"][0]["devices"]
        found = json.load(open("back.json"))["layers"][-1]["devices"]
        expect(want == found, f"{form} reads back")
        good("verify", "back.json")
    bad(1, "give the number of devices", "convert", "l.sglang", "--to", "plan")
    bad(2, "'pdf' is not known", "convert", "linear.json", "--to", "pdf")
    write("t.xml", '<system version="1"><cpu><pci busid="a" class="0x030200" '
                   'link_speed="16.0 GT/s" link_width="16"/></cpu></system>')
    good("convert", "t.xml", "--to", "hardware", "-o", "t.yaml")
    expect("bandwidth: 24000000000" in open("t.yaml").read(), "PCI bandwidth of the GPU")


def placement_errors():
    solve = ("solve", "placement", "--routing", "r.json")
    bad(2, "give either --hardware or --devices", *solve)
    bad(2, "--speed has 1 values for 2 devices", *solve, "--devices", "2", "--speed", "1")
    bad(2, "--speed goes with --devices", *solve, "--hardware",
        os.path.join(HARDWARE, "4-devices.yaml"), "--speed", "1")
    bad(2, "unknown strategy 'magic'", *solve, "--devices", "2", "--strategy", "magic")
    bad(2, "expected one fraction", *solve, "--devices", "2", "--fit", "2")
    bad(2, "no integer from 1", *solve, "--devices", "0")
    bad(2, "unknown option '--devises'; did you mean '--devices'?", *solve, "--devises", "2")
    bad(2, "option --slots needs a value", *solve, "--devices", "2", "--slots")
    bad(2, "takes one value", *solve, "--devices", "2", "--slots", "4", "--slots", "5")
    bad(2, "option --routing is missing", "solve", "placement", "--devices", "2")
    bad(1, "", *solve, "--devices", "2", "--slots", "3")
    write("r2.json", '{"logical_count": [[1, 2], [3]]}')
    bad(1, "r2.json:1:28: logical_count[1]: 1 experts; expected 2", "solve", "placement",
        "--routing", "r2.json", "--devices", "2")
    bad(1, "the plan has no layer 9", "explain", "step.json", "--layer", "9", "--expert", "0")
    bad(2, "no integer from 0 to 3", "explain", "step.json", "--layer", "3", "--expert", "4")
    bad(1, "this command takes a placement", "explain", "a.json", "--layer", "0", "--expert", "0")
    bad(2, "needs --routing", "simulate", "step.json")
    write("r3.json", '{"logical_count": [[1, 2, 3, 4]]}')
    bad(1, "have no layer 3", "simulate", "step.json", "--routing", "r3.json")
    write("r4.json", '{"logical_count": [[0], [0], [0], [1]]}')
    bad(1, "have 1 experts, the plan has 4", "simulate", "step.json", "--routing", "r4.json")
    plan = json.load(open("linear.json"))
    plan["layers"][0]["devices"][0][1] = plan["layers"][0]["devices"][0][0]
    write("twice.json", json.dumps(plan))
    bad(1, "twice.json: layer 3", "verify", "twice.json")
    plan = json.load(open("linear.json"))
    plan["objective_s"] = plan["bound_s"] / 2
    write("low.json", json.dumps(plan))
    bad(1, "below its own bound_s", "verify", "low.json")
    bad(2, "0 files given; this command takes 1", "verify")
    bad(2, "unknown command 'sole'", "sole")
    bad(2, "no command")
    plan = json.load(open("linear.json"))
    plan["layers"][0]["layer"] = 4
    write("other.json", json.dumps(plan))
    bad(1, "the plans are for different models", "compare", "linear.json", "other.json")
    plan["layers"] *= 2
    write("more.json", json.dumps(plan))
    bad(1, "the first plan has 1 layers, the second 2", "compare", "linear.json", "more.json")
    good("solve", "placement", "--routing", "r.json", "--devices", "4", "--json", "-o", "g4.json")
    bad(1, "the first plan has 2 devices, the second 4", "compare", "linear.json", "g4.json")


def real_data():
    routing = os.path.join(SHARED, "data", "routing")
    if not os.path.isdir(routing):
        print("skipped: no ../shared and no MOEC_SHARED, real data is not here")
        return
    ids = os.path.join(routing, "gpt-oss-20b", "ids_tulu3_persona_if.npy")
    plan = json.loads(good("solve", "placement", "--routing", ids, "--devices", "4", "--speed",
                           "1,1,1,0.85", "--step-tokens", "32", "--json"))
    held = plan["held_out"]
    expect(len(plan["layers"]) == 24, "24 layers")
    expect(held["objective_s"] <= held["baselines"]["eplb"], "no loss to EPLB on held-out data")
    good("convert", os.path.join(SHARED, "data", "topology", "azure", "ndv5-topo.xml"),
         "--to", "hardware", "-o", "ndv5.yaml")
    counts = os.path.join(routing, "deepseek-r1", "prefill_in1024.json")
    good("solve", "placement", "--routing", counts, "--hardware", "ndv5.yaml", "--strategy",
         "eplb", "--slots", "288", "--json", "-o", "d.json")
    good("verify", "d.json")


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for case in (all_to_all, all_to_all_errors, two_nodes, hierarchical, colocation, placement,
                 uneven_capacity, replanning, popularity, nodes, conversions, placement_errors,
                 real_data):
        case()
sys.exit(1 if failures else 0)
