"""The dead-letter queues: what no worker could digest gets a row with its reason."""

from vixenbliss.services.burying import bury
from vixenbliss.worker.consumer import bury_all

handler = bury_all(bury)
