"""Scratch."""
import json, os, re
from tests.test_matrix import *  # noqa
from tests import test_matrix as m
pytestmark = pytest.mark.django_db

def test_observe(world):
    out = {}
    kinds = os.environ.get("KINDS", "").split()
    for route in m.routes():
        if os.environ.get("ONLY") and not re.search(os.environ["ONLY"], route.pattern): continue
        names = set(re.findall(r"<(?:\w+:)?(\w+)>", route.pattern)) | set(re.findall(r"\(\?P<(\w+)>", route.pattern))
        cands = [k for k, v in world.objects.items() if names <= set(v)] if names else ["page"]
        if route.pattern.startswith("admin/"): continue
        cands = [c for c in cands if not (c in ("case","report","private") and "slug" in names and "number" not in names) and not (c == "mailbox" and not "leaders" in route.pattern) and not ("board" in c and "forums" not in route.pattern) and not (c in ("report", "private", "letter", "case") and route.pattern.startswith(("chat", "duty"))) and not (c == "talk" and not route.pattern.startswith(("chat", "duty")))]
        if not cands: out[route.pattern] = f"NO OBJECT for {names}"; continue
        for method in ('GET','POST'):
            for kind in cands:
                values = world.objects.get(kind, {})
                let, codes = [], {}
                for role in world.people:
                    a = m.ask(world, role, method, route.path(values))
                    codes.setdefault(a.status_code, []).append(role)
                    if m.is_let_in(a): let.append(role)
                if set(codes) <= {405}: continue
                if not let and method not in ("GET", "POST"): continue
                out[f"{method} {route.pattern} [{kind}]"] = {"let": "ALL" if len(let) == len(world.people) else " ".join(let), "codes": {c: (len(r) if len(r) > 4 else r) for c, r in codes.items()}}
    __import__("pathlib").Path("/tmp/h-infra/observed2.json").write_text(json.dumps(out, indent=1))
