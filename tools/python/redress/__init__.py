"""Clients of redressd, from redress-protocol(7): a producer, a subscriber and the desk, each for
plain programs and for asyncio.

    from redress import Producer, event

    with Producer("ipc:///run/redress/intake") as producer:
        receipt = producer.send(event("complaint.registered", source="crm", subject="B-17", data={
            "customer": "c-1029", "channel": "web", "unit": "xj/urumqi/d3"}))
        print(receipt["case"], receipt["warning"]["level"])

Times are datetime with a zone on the way in and out. What is None in an event is absent.
"""
from .aio import AsyncDesk, AsyncProducer, AsyncSubscriber
from .client import Desk, Producer, Subscriber
from .wire import Ahead, DeskError, NoAnswer, Rejected, event

__all__ = ["Ahead", "AsyncDesk", "AsyncProducer", "AsyncSubscriber", "Desk", "DeskError", "NoAnswer",
           "Producer", "Rejected", "Subscriber", "event"]
