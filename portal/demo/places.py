"""Where things happen in Minghu City: neighbourhoods, roads and squares, with a point on the map."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Spot:
    """A place with its names, the code of its street office or district, and a point (degrees)."""

    name: str
    name_en: str
    unit: str
    latitude: float
    longitude: float


SPOTS = (
    Spot("柳荫花园", "Willow Gardens", "liuyin", 30.2711, 120.1602),
    Spot("柳荫新村三期", "Liuyin New Village, phase 3", "liuyin", 30.2735, 120.1587),
    Spot("湖滨苑", "Lakeside Court", "liuyin", 30.2689, 120.1644),
    Spot("东湖路", "Donghu Road", "liuyin", 30.2702, 120.1671),
    Spot("银杏里", "Ginkgo Lane", "liuyin", 30.2748, 120.1633),
    Spot("运河人家", "Canalside Homes", "yunhe", 30.2812, 120.1745),
    Spot("运河北路", "North Canal Road", "yunhe", 30.2837, 120.1762),
    Spot("码头广场", "Wharf Square", "yunhe", 30.2801, 120.1718),
    Spot("丝绸厂宿舍", "Silk Mill Dormitories", "yunhe", 30.2859, 120.1729),
    Spot("拱桥菜市场", "Arch Bridge Market", "yunhe", 30.2826, 120.1701),
    Spot("东湖公园", "Donghu Park", "donghu", 30.2665, 120.1698),
    Spot("大学城南路", "South University Road", "donghu", 30.2622, 120.1815),
    Spot("石桥家园", "Stone Bridge Homes", "shiqiao", 30.3021, 120.1503),
    Spot("石桥中路", "Middle Shiqiao Road", "shiqiao", 30.3046, 120.1528),
    Spot("北山雅居", "Beishan Terrace", "shiqiao", 30.3073, 120.1481),
    Spot("青年公寓", "Youth Apartments", "shiqiao", 30.3009, 120.1547),
    Spot("北山隧道", "Beishan Tunnel", "beishan", 30.3118, 120.1439),
    Spot("北山大道", "Beishan Avenue", "beishan", 30.3092, 120.1466),
    Spot("火车北站", "North Railway Station", "beishan", 30.3155, 120.1512),
    Spot("梅溪工业园", "Meixi Industrial Park", "beishan", 30.3207, 120.1398),
)
