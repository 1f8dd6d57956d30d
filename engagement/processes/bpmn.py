"""A process as a BPMN 2.0 file and back: steps, ways, conditions and time limits, with our own details beside them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from django.utils.translation import gettext as _

from ..rules import BadInput
from .conditions import parsed, same, written
from .definition import BACK, read
from .editing import plain
from .layout import BOX_H, BOX_W, draw

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
OURS = "https://openhall.org/process"
NAMES = {"bpmn": BPMN, "bpmndi": BPMNDI, "dc": DC, "di": DI, "oh": OURS}
LARGEST = 1_000_000
# Elements of a process that say nothing about its course.
QUIET = ("extensionElements", "documentation", "laneSet", "textAnnotation", "association", "category")
TASKS = ("userTask", "task", "manualTask")
# What of an action stands in the flows; the rest is our own detail.
FLOWS = ("to", "status", "round")


def exported(raw: Mapping[str, Any]) -> bytes:
    """Return the definition as a BPMN 2.0 file with a diagram."""
    for prefix, name in NAMES.items():
        register_namespace(prefix, name)
    found = plain(raw)
    root = Element(f"{{{BPMN}}}definitions", {"id": f"definitions_{found['key']}", "targetNamespace": OURS})
    process = SubElement(
        root, f"{{{BPMN}}}process", {"id": found["key"], "name": found["name"], "isExecutable": "false"}
    )
    details = ("name_en", "promise_days", "norms", "acts", "subjects")
    whole: dict[str, Any] = {name: found[name] for name in details if name in found}
    _keep(process, whole)
    SubElement(process, f"{{{BPMN}}}startEvent", {"id": "_start"})
    flows = _Flows(process)
    flows.add("_start", found["start"])
    for code, node in found["nodes"].items():
        _write_node(process, code, node)
    for code, node in found["nodes"].items():
        _write_ways(flows, code, node)
    _write_diagram(root, raw, flows.made)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _keep(element: Element, details: Mapping[str, Any]) -> None:
    holder = SubElement(element, f"{{{BPMN}}}extensionElements")
    SubElement(holder, f"{{{OURS}}}details").text = json.dumps(details, ensure_ascii=False)


class _Flows:
    """Writes sequence flows, numbered in their order."""

    def __init__(self, process: Element) -> None:
        self.process = process
        self.made: list[tuple[str, str, str]] = []

    def add(self, source: str, target: str, name: str = "", when: Any = None, **details: Any) -> None:
        """Write one; `details` are our own."""
        flow = {"id": f"flow_{len(self.made)}", "sourceRef": source, "targetRef": target}
        element = SubElement(self.process, f"{{{BPMN}}}sequenceFlow", flow | ({"name": name} if name else {}))
        if details:
            _keep(element, details)
        if when is not None:
            SubElement(element, f"{{{BPMN}}}conditionExpression").text = written(when)
        self.made.append((flow["id"], source, target))


def _write_node(process: Element, code: str, node: Mapping[str, Any]) -> None:
    tag = "endEvent" if node.get("end") else "userTask"
    element = SubElement(process, f"{{{BPMN}}}{tag}", {"id": code, "name": node.get("name", "")})
    details = {name: value for name, value in node.items() if name not in ("name", "actions", "join", "end")}
    if "join" in node:
        details["joins"] = True
    if "actions" in node:
        details["actions"] = {act: _details_of(each) for act, each in node["actions"].items()}
    _keep(element, details)
    if node.get("mode"):
        SubElement(element, f"{{{BPMN}}}multiInstanceLoopCharacteristics", {"isSequential": "false"})


def _details_of(act: Mapping[str, Any]) -> dict[str, Any]:
    to = act.get("to")
    kept = {name: value for name, value in act.items() if name not in FLOWS}
    # A status without a way belongs to the action itself; an answer leads back, which no flow can say.
    if to is None and "status" in act:
        kept["status"] = act["status"]
    if to is not None and any(way["to"] == BACK for way in _ways(act)):
        kept |= {name: act[name] for name in FLOWS if name in act}
    return kept


def _ways(act: Mapping[str, Any]) -> list[dict[str, Any]]:
    to = act.get("to", [])
    if isinstance(to, str):
        return [{"to": to} | {name: act[name] for name in ("status", "round") if name in act}]
    return [dict(way) for way in to]


def _write_ways(flows: _Flows, code: str, node: Mapping[str, Any]) -> None:
    each = [(act, way) for act, one in node.get("actions", {}).items() for way in _ways(one)]
    each += [("", way) for way in node.get("join", [])]
    for act, way in each:
        whole = node["actions"][act] if act else {}
        if act and any(other["to"] == BACK for other in _ways(whole)):
            continue
        details = {name: way[name] for name in ("status", "round") if name in way}
        single = {"single": True} if isinstance(whole.get("to"), str) else {}
        flows.add(code, way["to"], whole.get("name") or act, way.get("when"), act=act, **details, **single)


def _write_diagram(root: Element, raw: Mapping[str, Any], flows: list[tuple[str, str, str]]) -> None:
    drawing = draw(read(raw))
    diagram = SubElement(root, f"{{{BPMNDI}}}BPMNDiagram", {"id": "diagram"})
    plane = SubElement(diagram, f"{{{BPMNDI}}}BPMNPlane", {"id": "plane", "bpmnElement": str(raw["key"])})
    # Left and above lies the start event.
    places = {box.code: (box.x + 60, box.y, BOX_W, BOX_H) for box in drawing.boxes}
    first = places.get(str(raw["start"]), (60, 0, 0, 0))
    places["_start"] = (first[0] - 54, first[1] + 5, 36, 36)
    for code, (x, y, width, height) in places.items():
        shape = SubElement(plane, f"{{{BPMNDI}}}BPMNShape", {"id": f"shape_{code}", "bpmnElement": code})
        bounds = {"x": f"{x:g}", "y": f"{y:g}", "width": str(width), "height": str(height)}
        SubElement(shape, f"{{{DC}}}Bounds", bounds)
    routes = {(arrow.source, arrow.target): [(x + 60, y) for x, y in arrow.points] for arrow in drawing.arrows}
    routes[("_start", str(raw["start"]))] = [(first[0] - 18, first[1] + 23), (first[0], first[1] + 23)]
    for flow, source, target in flows:
        edge = SubElement(plane, f"{{{BPMNDI}}}BPMNEdge", {"id": f"edge_{flow}", "bpmnElement": flow})
        for x, y in routes.get((source, target), []):
            SubElement(edge, f"{{{DI}}}waypoint", {"x": f"{x:g}", "y": f"{y:g}"})


def imported(content: bytes) -> dict[str, Any]:
    """Return the definition of a BPMN file: of ours with all its details, of others what their elements say.

    Raises BadInput for what is no such file, for entity tricks, and for elements that we have no meaning for.
    """
    root = _root(content)
    process = root.find(f"{{{BPMN}}}process")
    if root.tag != f"{{{BPMN}}}definitions" or process is None:
        raise BadInput(_("This is not a BPMN 2.0 file."), field="file", code="bad_bpmn")
    try:
        return plain(_process(process))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        said = _("This process cannot be read: %(error)s") % {"error": str(error)[:200]}
        raise BadInput(said, field="file", code="bad_bpmn") from error


def _root(content: bytes) -> Element:
    if len(content) > LARGEST:
        raise BadInput(_("This file is too large for a process."), field="file", code="too_large")
    try:
        found: Element = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise BadInput(_("This is not a BPMN 2.0 file."), field="file", code="bad_bpmn") from error
    return found


def _process(process: Element) -> dict[str, Any]:
    whole = _kept(process)
    nodes: dict[str, dict[str, Any]] = {}
    starts, flows = set(), []
    for element in process:
        tag = element.tag.removeprefix(f"{{{BPMN}}}")
        if tag == "startEvent":
            starts.add(element.get("id"))
        elif tag in (*TASKS, "endEvent"):
            nodes[str(element.get("id"))] = _node(element, is_end=tag == "endEvent")
        elif tag == "sequenceFlow":
            flows.append(element)
        elif tag not in QUIET:
            said = _("“%(what)s” has no meaning here: steps, ends, flows and conditions only.")
            raise BadInput(said % {"what": tag[:60]}, field="file", code="unknown_element")
    start = next((str(flow.get("targetRef")) for flow in flows if flow.get("sourceRef") in starts), "")
    for flow in flows:
        if flow.get("sourceRef") not in starts:
            _take_flow(nodes, flow)
    return {
        "key": str(process.get("id")), "name": process.get("name") or str(process.get("id")),
        "name_en": whole.get("name_en", ""), "promise_days": whole.get("promise_days", {}),
        "norms": whole.get("norms", {}), "start": start, "nodes": nodes, "acts": whole.get("acts", {}),
        "subjects": whole.get("subjects", []),
    }  # fmt: skip


def _kept(element: Element) -> dict[str, Any]:
    text = element.findtext(f"{{{BPMN}}}extensionElements/{{{OURS}}}details")
    found = json.loads(text) if text else {}
    if not isinstance(found, dict):
        raise ValueError("details")
    return found


def _node(element: Element, *, is_end: bool) -> dict[str, Any]:
    node = _kept(element)
    node.setdefault("status", "concluded" if is_end else "in_progress")
    node["name"] = element.get("name") or ""
    if is_end:
        node["end"] = True
    if node.pop("joins", False):
        node["join"] = []
    return node


def _take_flow(nodes: dict[str, dict[str, Any]], flow: Element) -> None:
    details, node = _kept(flow), nodes[str(flow.get("sourceRef"))]
    when = parsed(flow.findtext(f"{{{BPMN}}}conditionExpression") or "")
    way = {"to": str(flow.get("targetRef")), "when": same(when)} | {
        name: details[name] for name in ("status", "round") if name in details
    }
    if details.get("act") == "":
        node.setdefault("join", []).append(way)
        return
    code = str(details.get("act") or _code(node))
    act = node.setdefault("actions", {}).setdefault(code, {"name": flow.get("name") or code} if not details else {})
    if act.get("name") and flow.get("name"):
        act["name"] = flow.get("name")
    act.setdefault("to", []).append(way)


def _code(node: Mapping[str, Any]) -> str:
    """Return a code for an action that another program has drawn."""
    return next(code for code in _codes() if code not in node.get("actions", {}))


def _codes() -> Iterator[str]:
    number = 1
    while True:
        yield f"way_{number}"
        number += 1
