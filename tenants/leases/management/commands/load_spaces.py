from incubator.common.sheets.command import LoadCommand
from tenants.leases.loaders import SpaceLoader


class Command(LoadCommand):
    help = "Load spaces and their rates from a CSV or XLSX file."
    loader_class = SpaceLoader
