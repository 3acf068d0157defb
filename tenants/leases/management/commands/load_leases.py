from incubator.common.sheets.command import LoadCommand
from tenants.leases.loaders import LeaseLoader


class Command(LoadCommand):
    help = "Load leases from a CSV or XLSX file. The companies and the spaces must be known already."
    loader_class = LeaseLoader
